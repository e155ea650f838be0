/**
 * The places where a service is listed beside the others: few, since the rest is derived from
 * libs/contracts/src/services.ts. Each can add and remove it.
 */
const { addEntry, addImport, entriesIn, keysOf } = require('./edit-source.cjs');
const { removeEntries, removeImports, removeUnusedNames } = require('./edit-source.cjs');

const contracts = (file) => `libs/contracts/src/${file}.ts`;
const ofModule = (service) => (name) => new RegExp(`(^\\./|/app/)${service}/`).test(name);
const named = (service) => (entry) => new RegExp(`^${service}\\b`).test(entry);

/** By file: how a service is added, and how it is removed. */
const edits = {
  [contracts('services')]: {
    add: (text, { service, about, holdsPeople }) =>
      addEntry(text, 'services', `${service}: { about: '${about}', holdsPeople: ${holdsPeople} }`),
    remove: (text, service) => removeEntries(text, 'services', named(service)),
  },
  [contracts('apis')]: {
    add: (text, { service }) =>
      addImport(
        addEntry(
          addEntry(text, 'publicApis', `${service}: ${service}Api`),
          'internalApis',
          `${service}: ${service}Internal`,
        ),
        `import { ${service}Api, ${service}Internal } from './${service}/api';`,
      ),
    remove: (text, service) =>
      removeImports(
        ['publicApis', 'internalApis'].reduce(
          (rest, constant) => removeEntries(rest, constant, named(service)),
          text,
        ),
        ofModule(service),
      ),
  },
  [contracts('events')]: {
    add: (text, { service }) =>
      addImport(addEntry(text, 'events', service), `import * as ${service} from './${service}/events';`),
    remove: (text, service) =>
      removeImports(removeEntries(text, 'events', named(service)), ofModule(service)),
  },
  [contracts('subscriptions')]: {
    add: (text, { service }) =>
      addEntry(
        text,
        'subscriptions',
        `${service}Orders: defineSubscription({ group: '${service}.orders', service: '${service}', events: [order.orderConfirmed] })`,
      ),
    remove: (text, service) =>
      removeUnusedNames(
        removeEntries(text, 'subscriptions', (entry) => new RegExp(`service: '${service}'`).test(entry)),
        [...text.matchAll(/^import \* as (\w+)/gm)].map(([, name]) => name),
      ),
  },
  [contracts('openapi')]: {
    add: (text, { resources, about }) => addEntry(text, 'tagDescriptions', `${resources}: '${about}'`),
    remove: (text, service, { tags }) =>
      removeEntries(text, 'tagDescriptions', (entry) => tags.some((tag) => named(tag)(entry))),
  },
  'apps/monolith/src/definitions.ts': {
    add: (text, { service }) =>
      addImport(
        addEntry(text, 'definitions', `${service}Service`),
        `import { ${service}Service } from '@bulkhead/app/${service}/src/app';`,
      ),
    remove: (text, service) =>
      removeImports(removeEntries(text, 'definitions', named(`${service}Service`)), ofModule(service)),
  },
  'charts/bulkhead/values-production.yaml': {
    add: (text, { service }) =>
      `${text}${service}:\n  tolerations: *lostNode\n  replicas: 2\n  disruptionBudget: { enabled: true }\n`,
    remove: (text, service) => text.replace(new RegExp(`^${service}:\\n(?: .*\\n)*`, 'm'), ''),
  },
  'README.md': {
    add: (text, { service, about }) =>
      text.replace(
        /(\| service +\| owns[^]*?\n)(\n)/,
        `$1| ${service} | ${about[0].toLowerCase()}${about.slice(1)} |\n$2`,
      ),
    remove: (text, service) => text.replace(new RegExp(`^\\| ${service} +\\|.*\\n`, 'm'), ''),
  },
};

/** @param values see `templateValues` of the service generator */
exports.addToShop = (tree, values) => {
  for (const [file, { add }] of Object.entries(edits)) tree.write(file, add(tree.read(file, 'utf8'), values));
};

/** @throws Error with a sentence if there is no such service, or others depend on it */
exports.removeFromShop = (tree, service) => {
  const known = keysOf(tree.read(contracts('services'), 'utf8'), 'services');
  if (!known.includes(service))
    throw new Error(`There is no service ${service}; there are: ${known.join(', ')}.`);
  const hearing = entriesIn(tree.read(contracts('subscriptions'), 'utf8'), 'subscriptions').filter(
    ({ text }) => new RegExp(`\\b${service}\\.\\w`).test(text) && !text.includes(`service: '${service}'`),
  );
  if (hearing.length > 0)
    throw new Error(
      `Others hear events of ${service}, by ${hearing.map(({ name }) => name).join(', ')} in ${contracts('subscriptions')}; remove these first.`,
    );
  const api = tree.read(contracts(`${service}/api`), 'utf8') ?? '';
  const tags = [...api.matchAll(/\btag(?: =|:) '([\w-]+)'/g)].map(([, tag]) => tag);
  for (const [file, { remove }] of Object.entries(edits))
    tree.write(file, remove(tree.read(file, 'utf8'), service, { tags }));
};
