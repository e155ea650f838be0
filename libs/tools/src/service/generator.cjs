/** `nx g @bulkhead/tools:service NAME`: a service with an example use case, and everything that goes with one. */
const path = require('node:path');
const { formatFiles, generateFiles } = require('@nx/devkit');
const { deriveFiles } = require('../derived.cjs');
const { namesOf, requireFreeName } = require('../names.cjs');
const { addToShop } = require('../shop-edits.cjs');

const article = (noun) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
const sentence = (text) => text[0].toUpperCase() + text.slice(1);

const timestamp = (date) => date.toISOString().replace(/\D/g, '').slice(0, 14);

/** @returns everything that the templates know of the service */
function templateValues(tree, { name, resource = name, about, holdsPeople = true }, now) {
  if (!/^[a-z]{2,20}$/.test(resource))
    throw new Error(`What the service keeps is named by 2–20 lower-case letters; "${resource}" is not.`);
  const names = namesOf(name, resource);
  const said = about?.trim() ?? '';
  if (said !== '' && said.length < 10)
    throw new Error(
      `What the service is for takes 10 characters or more, as the API document says it; "${said}" is too short.`,
    );
  const sql = 'libs/messaging/sql';
  // As `npm run migration` writes them.
  const messagingVersions = tree
    .children(sql)
    .filter((file) => /^\d+-.*\.sql$/.test(file))
    .sort((one, other) => Number.parseInt(one) - Number.parseInt(other))
    .map((file) => `-- ${sql}/${file}\n${tree.read(`${sql}/${file}`, 'utf8').trim()}`)
    .join('\n\n');
  return {
    ...names,
    tmpl: '',
    table: names.resources,
    aResource: article(resource),
    AResource: sentence(article(resource)),
    about: sentence(said || `the ${names.resources} of the shop`).replace(/[.'`\\]/g, ''),
    holdsPeople,
    first: `${timestamp(now)}_${names.resources}`,
    messagingVersions,
    messagingModels: tree.read(`${sql}/messaging-models.prisma`, 'utf8').trimEnd(),
  };
}

/** @param {{ name: string, resource?: string, about?: string, holdsPeople?: boolean }} options see schema.json */
async function serviceGenerator(tree, options) {
  requireFreeName(tree, options.name);
  const values = templateValues(tree, options, new Date());
  const app = `apps/${values.service}`;
  const files = path.join(__dirname, 'files');
  generateFiles(tree, path.join(files, 'app'), app, values);
  if (values.holdsPeople) generateFiles(tree, path.join(files, 'people'), app, values);
  generateFiles(tree, path.join(files, 'contracts'), `libs/contracts/src/${values.service}`, values);
  addToShop(tree, values);
  await formatFiles(tree);
  return () => deriveFiles({ generate: values.service, breaking: values.holdsPeople });
}

module.exports = serviceGenerator;
