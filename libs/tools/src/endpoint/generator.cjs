/** `nx g @bulkhead/tools:endpoint SERVICE NAME --path PATH`: an endpoint that responds with what it was sent, and its test. */
const path = require('node:path');
const { formatFiles, generateFiles, visitNotIgnoredFiles } = require('@nx/devkit');
const { deriveFiles } = require('../derived.cjs');
const {
  addEntry,
  addImport,
  addNames,
  addToReturned,
  removeEntries,
  removeFromReturned,
} = require('../edit-source.cjs');
const { keysOf, removeImports, removeUnusedNames } = require('../edit-source.cjs');
const { requireService, servicesIn, testConfigOf } = require('../known-services.cjs');
const { kebab, pascal, sentence } = require('../words.cjs');

const apis = 'libs/contracts/src/apis.ts';
const contractOf = (service) => `libs/contracts/src/${service}/api.ts`;
const appOf = (service) => `apps/${service}/src/app.ts`;
const handlerOf = (service, name) => `apps/${service}/src/http/${kebab(name)}`;
const constantOf = (service, isInternal) => `${service}${isInternal ? 'Internal' : 'Api'}`;

const parametersOf = (place) => [...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

/** Whether one request could match both: each segment is equal, or a parameter on one side. */
const couldBeOne = (one, other) => {
  const [parts, others] = [one.split('/'), other.split('/')];
  const isParameter = (part) => part.startsWith('{');
  return (
    parts.length === others.length &&
    parts.every((part, at) => part === others[at] || isParameter(part) || isParameter(others[at]))
  );
};

/** The existing endpoints: operation, method, path, and where they are declared. */
function endpointsIn(tree) {
  return servicesIn(tree).flatMap((service) => {
    const file = contractOf(service);
    const text = tree.exists(file) ? tree.read(file, 'utf8') : '';
    const each = /operationId: '(\w+)',\s*method: '(\w+)',\s*path: '([^']+)'/g;
    return [...text.matchAll(each)].map(([, operation, method, place]) => ({
      operation,
      method,
      place,
      file,
    }));
  });
}

const isPath = (place) => /^(\/([a-z0-9]+([-.][a-z0-9]+)*|\{[a-z][A-Za-z0-9]*\}))+$/.test(place);

/** @throws Error with a sentence for an invalid endpoint */
function requireValid(tree, { service, name, method, path: place, isPublic, isInternal, callers }) {
  requireService(tree, service);
  if (!/^[a-z][A-Za-z0-9]{2,39}$/.test(name))
    throw new Error(
      `An operation's name is 3–40 letters and digits and begins with a lower-case letter, as trackShipment; "${name}" is not.`,
    );
  if (isPublic && isInternal)
    throw new Error('An endpoint is for everybody (--public) or for other services (--internal), not both.');
  const start = isInternal ? '/internal/' : '/api/v1/';
  if (!place.startsWith(start) || !isPath(place))
    throw new Error(
      `The path begins with ${start} and consists of lower-case words and parameters, as ${start}shipments/{shipmentId}; "${place}" does not.`,
    );
  const parameters = parametersOf(place);
  if (new Set(parameters).size < parameters.length) throw new Error(`${place} has a parameter twice.`);
  if (parameters.includes('note'))
    throw new Error('A parameter cannot be called note, as the example has a field of that name.');
  if (!isInternal && callers.length > 0)
    throw new Error('Only an internal endpoint (--internal) has callers.');
  if (isInternal && callers.length === 0)
    throw new Error('Say which services may call it, as --callers order,payment.');
  for (const caller of callers) {
    requireService(tree, caller);
    if (caller === service) throw new Error(`${service} does not call itself.`);
  }
  if (isInternal && !keysOf(tree.read(apis, 'utf8'), 'internalApis').includes(service))
    throw new Error(
      `${apis} lists no internal endpoints of ${service}: add \`${service}: ${constantOf(service, true)}\` to internalApis first.`,
    );
  const known = endpointsIn(tree);
  const namesake = known.find(({ operation }) => operation === name);
  if (namesake) throw new Error(`There is already an operation ${name} in ${namesake.file}.`);
  const rival = known.find(
    (each) =>
      couldBeOne(each.place, place) &&
      (each.method === method ||
        each.place.replaceAll(/\{\w+\}/g, '{}') !== place.replaceAll(/\{\w+\}/g, '{}')),
  );
  if (rival && (!isInternal || rival.file === contractOf(service)))
    throw new Error(
      `A request could mean both ${place} and ${rival.place} (${rival.method.toUpperCase()}, ${rival.operation}).`,
    );
  if (tree.exists(`${handlerOf(service, name)}.ts`))
    throw new Error(`There is already ${handlerOf(service, name)}.ts.`);
}

/** @returns the source of the endpoint in its contract */
function contractEntry({ name, method, path: place, isPublic, isInternal, callers, tag }) {
  const parameters = parametersOf(place);
  const parameter = (each) =>
    each.endsWith('Id')
      ? `${each}: Id`
      : `${each}: text(1, 100).meta({ description: 'which ${each}', examples: ['example'] })`;
  const note = `text(1, 200).meta({ description: 'what to respond with', examples: ['Hello'] })`;
  const takesBody = ['post', 'put', 'patch'].includes(method);
  const access = isInternal
    ? `access: { kind: 'service', callers: [${callers.map((each) => `'${each}'`).join(', ')}] }`
    : isPublic
      ? `access: { kind: 'public' }`
      : `access: { kind: 'user' },
    // Asks auth whether the session lives; without it a token does until it expires (contracts.test.ts).
    liveSession: true`;
  return `${name}: defineEndpoint({
    operationId: '${name}',
    method: '${method}',
    path: '${place}',
    summary: '${sentence(name)}',
    tag${tag === 'tag' ? '' : `: ${tag}`},
    ${access},
    priority: 'browse',
    ${parameters.length > 0 ? `params: z.object({ ${parameters.map(parameter).join(', ')} }),\n    ` : ''}${takesBody ? `body: z.object({ note: ${note} }),` : `query: z.object({ note: ${note}.optional() }),`}
    responses: {
      200: {
        description: 'What was sent',
        schema: z
          .object({
            ${parameters.map((each) => `${parameter(each)},`).join('\n')}
            note: z.string().nullable().meta({ description: 'as it was sent', examples: ['Hello'] }),
          })
          .meta({ id: '${pascal(name)}Echo', description: 'What \`${name}\` was sent' }),
      },
    },
  })`;
}

/** @param {{ service: string, name: string, method?: string, path: string, public?: boolean, internal?: boolean, callers?: string }} options see schema.json */
async function endpointGenerator(tree, { service, name, method = 'get', path: place, callers, ...access }) {
  const endpoint = {
    service,
    name,
    method,
    path: place,
    isPublic: access.public ?? false,
    isInternal: access.internal ?? false,
    callers: (callers ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  };
  requireValid(tree, endpoint);
  const contract = contractOf(service);
  const text = tree.read(contract, 'utf8');
  const tag = /^const tag = /m.test(text) ? 'tag' : (/\btag: ('[\w-]+')/.exec(text)?.[1] ?? `'${service}'`);
  const parameters = parametersOf(place);
  const entry = contractEntry({ ...endpoint, tag });
  const primitives = ['text', ...(parameters.some((each) => each.endsWith('Id')) ? ['Id'] : [])];
  tree.write(
    contract,
    addNames(addEntry(text, constantOf(service, endpoint.isInternal), entry), '../primitives', primitives),
  );
  tree.write(
    appOf(service),
    addImport(
      addToReturned(tree.read(appOf(service), 'utf8'), 'operations', name),
      `import { ${name} } from './http/${kebab(name)}';`,
    ),
  );
  generateFiles(tree, path.join(__dirname, 'files'), `apps/${service}/src/http`, {
    ...endpoint,
    tmpl: '',
    file: kebab(name),
    api: constantOf(service, endpoint.isInternal),
    parameters,
    takesBody: ['post', 'put', 'patch'].includes(method),
    testConfig: testConfigOf(service),
  });
  await formatFiles(tree);
  return () => deriveFiles({ clientTypes: !endpoint.isInternal });
}

/** The matching files of apps, except the handler's own. */
function usersOf(tree, pattern, handler) {
  const found = [];
  visitNotIgnoredFiles(tree, 'apps', (file) => {
    if (/\.tsx?$/.test(file) && !file.startsWith(`${handler}.`) && pattern.test(tree.read(file, 'utf8')))
      found.push(file);
  });
  return found;
}

/**
 * Removes what the generator added.
 * @throws Error with a sentence if there is no such endpoint, or it is still in use
 */
endpointGenerator.remove = (tree, service, name) => {
  const contract = contractOf(service);
  const own = endpointsIn(tree).find(({ operation, file }) => operation === name && file === contract);
  if (!own) throw new Error(`${service} has no operation ${name}.`);
  const handler = handlerOf(service, name);
  if (!tree.exists(`${handler}.ts`))
    throw new Error(`${handler}.ts is missing: only what the generator added is removed by it.`);
  const constants = [constantOf(service, false), constantOf(service, true)];
  const users = usersOf(tree, new RegExp(`\\b(${constants.join('|')})\\.${name}\\b`), handler);
  if (users.length > 0) throw new Error(`${name} is used by ${users.join(', ')}.`);
  const text = constants.reduce(
    (rest, constant) =>
      new RegExp(`const ${constant} = `).test(rest)
        ? removeEntries(rest, constant, (entry) => new RegExp(`(^|\\n)\\s*${name}:`).test(entry))
        : rest,
    tree.read(contract, 'utf8'),
  );
  tree.write(contract, removeUnusedNames(text, ['text', 'Id']));
  tree.write(
    appOf(service),
    removeImports(
      removeFromReturned(tree.read(appOf(service), 'utf8'), 'operations', (entry) => entry === name),
      (module) => module === `./http/${kebab(name)}`,
    ),
  );
  for (const file of [`${handler}.ts`, `${handler}.test.ts`]) if (tree.exists(file)) tree.delete(file);
};

module.exports = endpointGenerator;
