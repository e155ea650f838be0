/** `nx g @bulkhead/tools:event SERVICE AGGREGATE.PAST`: an event, and a function that puts it into the outbox. */
const path = require('node:path');
const { formatFiles, generateFiles } = require('@nx/devkit');
const { deriveFiles } = require('../derived.cjs');
const { addEntry, addImport, addNames, definedBy, removeConstant } = require('../edit-source.cjs');
const { removeEntries, removeImports, removeUnusedNames } = require('../edit-source.cjs');
const { eventsIn, requireService, testConfigOf } = require('../known-services.cjs');
const { camel, kebab, sentence } = require('../words.cjs');

const catalogue = 'libs/contracts/src/events.ts';
const subscriptions = 'libs/contracts/src/subscriptions.ts';
const contractOf = (service) => `libs/contracts/src/${service}/events.ts`;
const senderOf = (service, name) => `apps/${service}/src/events/tell-${kebab(name)}`;

/** @throws Error with a sentence for an invalid event */
function requireValid(tree, service, name) {
  requireService(tree, service);
  if (!/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/.test(name) || name.length > 60)
    throw new Error(
      `An event is called <aggregate>.<past tense> in lower-case letters, as shipment.sent; "${name}" is not.`,
    );
  const namesake = eventsIn(tree).find(({ type }) => type.replace(/\.v\d+$/, '') === name);
  if (namesake)
    throw new Error(`There is already an event ${namesake.type}, which ${namesake.service} sends.`);
  if (tree.exists(`${senderOf(service, name)}.ts`))
    throw new Error(`There is already ${senderOf(service, name)}.ts.`);
}

/** A sentence with a full stop, escaped for single quotes. */
const described = (about, name) => {
  const text = about?.trim() || `${sentence(name.replace('.', ': '))}`;
  return `${text[0].toUpperCase()}${text.slice(1)}`.replace(/['`\\\n]/g, '’').replace(/\.?$/, '.');
};

/** @param {{ service: string, name: string, about?: string }} options see schema.json */
async function eventGenerator(tree, { service, name, about }) {
  requireValid(tree, service, name);
  const [aggregate] = name.split('.');
  const event = camel(name);
  const id = `${camel(aggregate)}Id`;
  const contract = contractOf(service);
  const declaration = `export const ${event} = defineEvent({
    type: '${name}.v1',
    source: '${service}',
    description: '${described(about, name)}',
    data: z.object({ ${id}: Id }),
  });\n`;
  if (tree.exists(contract))
    tree.write(
      contract,
      addNames(`${tree.read(contract, 'utf8').trimEnd()}\n\n${declaration}`, '../primitives', ['Id']),
    );
  else {
    tree.write(
      contract,
      `import { z } from 'zod';\nimport { defineEvent } from '../event';\nimport { Id } from '../primitives';\n\n${declaration}`,
    );
    tree.write(
      catalogue,
      addImport(
        addEntry(tree.read(catalogue, 'utf8'), 'events', service),
        `import * as ${service} from './${service}/events';`,
      ),
    );
  }
  generateFiles(tree, path.join(__dirname, 'files'), `apps/${service}/src/events`, {
    tmpl: '',
    service,
    event,
    id,
    type: `${name}.v1`,
    file: `tell-${kebab(name)}`,
    tell: camel(`tell.${name}`),
    aggregate: aggregate.replaceAll('-', ' '),
    description: described(about, name),
    testConfig: testConfigOf(service),
  });
  await formatFiles(tree);
  return () => deriveFiles({});
}

/**
 * Removes what the generator added.
 * @throws Error with a sentence if there is no such event, or it has consumers
 */
eventGenerator.remove = (tree, service, name) => {
  const bare = name.replace(/\.v\d+$/, '');
  const own = eventsIn(tree).find((each) => each.service === service && each.type === `${bare}.v1`);
  if (!own) throw new Error(`${service} sends no event ${bare}.v1.`);
  const sender = senderOf(service, bare);
  if (!tree.exists(`${sender}.ts`))
    throw new Error(`${sender}.ts is missing: only what the generator added is removed by it.`);
  if (new RegExp(`\\b${service}\\.${own.constant}\\b`).test(tree.read(subscriptions, 'utf8')))
    throw new Error(`Somebody hears ${own.type}; remove it from ${subscriptions} first.`);
  const contract = contractOf(service);
  const rest = removeUnusedNames(removeConstant(tree.read(contract, 'utf8'), own.constant), ['Id']);
  if (definedBy(rest, 'defineEvent', 'type').size > 0) tree.write(contract, rest);
  else {
    tree.delete(contract);
    tree.write(
      catalogue,
      removeImports(
        removeEntries(tree.read(catalogue, 'utf8'), 'events', (entry) => entry === service),
        (module) => module === `./${service}/events`,
      ),
    );
  }
  for (const file of [`${sender}.ts`, `${sender}.test.ts`]) if (tree.exists(file)) tree.delete(file);
};

module.exports = eventGenerator;
