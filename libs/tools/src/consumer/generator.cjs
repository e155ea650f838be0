/** `nx g @bulkhead/tools:consumer SERVICE EVENT`: a queue of the service for an event, and the handler that reads it. */
const path = require('node:path');
const { formatFiles, generateFiles } = require('@nx/devkit');
const { deriveFiles } = require('../derived.cjs');
const { addEntry, addImport, addToReturned, entriesIn, keysOf } = require('../edit-source.cjs');
const { removeEntries, removeFromReturned, removeImports, removeUnusedNames } = require('../edit-source.cjs');
const { eventsIn, requireService, testConfigOf } = require('../known-services.cjs');
const { camel, kebab, pascal } = require('../words.cjs');

const topology = 'libs/contracts/src/subscriptions.ts';
const appOf = (service) => `apps/${service}/src/app.ts`;

const bareOf = (event) => event.replace(/\.v\d+$/, '');
const versionOf = ({ type }) => Number(/\.v(\d+)$/.exec(type)?.[1]);

/** Names of an event's consumer in the contracts and in the app. */
const namesOf = (service, event) => ({
  subscription: `${service}${pascal(event)}`,
  group: `${service}.${kebab(event)}`,
  handler: `${camel(event)}Subscription`,
  file: `apps/${service}/src/events/${kebab(event)}`,
});

/** @returns the requested event @throws Error with a sentence if there is none, or it already has a consumer */
function requireValid(tree, service, event) {
  requireService(tree, service);
  const known = eventsIn(tree);
  const meant = known
    .filter(({ type }) => type === event || bareOf(type) === event)
    .toSorted((one, other) => versionOf(other) - versionOf(one))[0];
  if (!meant)
    throw new Error(`There is no event ${event}; there are: ${known.map(({ type }) => type).join(', ')}.`);
  const { file } = namesOf(service, bareOf(meant.type));
  const heard = entriesIn(tree.read(topology, 'utf8'), 'subscriptions').find(
    ({ text }) =>
      text.includes(`service: '${service}'`) &&
      new RegExp(`\\b${meant.service}\\.${meant.constant}\\b`).test(text),
  );
  if (heard) throw new Error(`${service} already hears ${meant.type}, by ${heard.name} in ${topology}.`);
  if (tree.exists(`${file}.ts`)) throw new Error(`There is already ${file}.ts.`);
  return meant;
}

/** @param {{ service: string, event: string }} options see schema.json */
async function consumerGenerator(tree, options) {
  const { service } = options;
  const { type, constant, service: sender } = requireValid(tree, service, options.event);
  const { subscription, group, handler, file } = namesOf(service, bareOf(type));
  const text = addEntry(
    tree.read(topology, 'utf8'),
    'subscriptions',
    `${subscription}: defineSubscription({ group: '${group}', service: '${service}', events: [${sender}.${constant}] })`,
  );
  const isImported = new RegExp(`import \\* as ${sender} from`).test(text);
  tree.write(
    topology,
    isImported ? text : addImport(text, `import * as ${sender} from './${sender}/events';`),
  );
  tree.write(
    appOf(service),
    addImport(
      addToReturned(
        tree.read(appOf(service), 'utf8'),
        'subscriptions',
        `${handler}(dependencies)`,
        'operations',
      ),
      `import { ${handler} } from './events/${kebab(bareOf(type))}';`,
    ),
  );
  generateFiles(tree, path.join(__dirname, 'files'), path.dirname(file), {
    tmpl: '',
    file: path.basename(file),
    service,
    sender,
    constant,
    type,
    group,
    subscription,
    handler,
    testConfig: testConfigOf(service),
  });
  await formatFiles(tree);
  return () => deriveFiles({});
}

/**
 * Removes what the generator added.
 * @throws Error with a sentence if the service has no consumer of its own for the event
 */
consumerGenerator.remove = (tree, service, event) => {
  const { subscription, handler, file } = namesOf(service, bareOf(event));
  const text = tree.read(topology, 'utf8');
  if (!keysOf(text, 'subscriptions').includes(subscription) || !tree.exists(`${file}.ts`))
    throw new Error(`${service} has no consumer of ${event} that the generator added.`);
  const rest = removeEntries(text, 'subscriptions', (entry) => new RegExp(`^${subscription}\\b`).test(entry));
  const senders = eventsIn(tree).map((each) => each.service);
  tree.write(topology, removeUnusedNames(rest, [...new Set(senders)]));
  tree.write(
    appOf(service),
    removeImports(
      removeFromReturned(tree.read(appOf(service), 'utf8'), 'subscriptions', (entry) =>
        entry.startsWith(`${handler}(`),
      ),
      (module) => module === `./events/${path.basename(file)}`,
    ),
  );
  for (const each of [`${file}.ts`, `${file}.test.ts`]) if (tree.exists(each)) tree.delete(each);
};

module.exports = consumerGenerator;
