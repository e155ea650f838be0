/** The shop's own services: which of them can be removed, and what goes with them. */
const { addEntry, removeEntries } = require('../edit-source.cjs');
const { withoutUnusedImports } = require('./edits.cjs');

const recipes = { notification: require('./notification.cjs'), search: require('./search.cjs') };

/** Why the others are required. */
const core = {
  gateway: 'it is the only public door',
  auth: 'the gateway asks it for keys and sessions',
  profile: 'it leads the export and the erasure of what all services hold of a person',
  product: 'order asks it for prices',
  inventory: 'order reserves in it',
  order: 'a shop without orders is none',
  payment: 'order authorises and captures through it',
};

/** @throws Error with a sentence, for a required service */
exports.requireOptional = (service) => {
  if (Object.hasOwn(core, service))
    throw new Error(
      `${service} cannot be removed: ${core[service]}. Of the shop's own services these can be: ${Object.keys(recipes).join(', ')}.`,
    );
};

/** By file: the constant with the commands of package.json. */
const commandLists = {
  'tools/bootstrap/commands.mjs': 'commands',
  'tools/test/first-runs.mjs': 'firstRuns',
  'tools/test/verify-full.mjs': 'steps',
};

/** Removes what belongs to one of the shop's own services; a no-op for generated ones. */
exports.leaveOut = (tree, service) => {
  const recipe = recipes[service];
  if (!recipe) return;
  const { removed, commands, edits } = recipe;
  for (const [file, changes] of Object.entries(edits)) {
    if (!tree.exists(file)) continue;
    const before = tree.read(file, 'utf8');
    try {
      const after = changes.reduce((text, change) => change(text), before);
      tree.write(file, /\.tsx?$/.test(file) ? withoutUnusedImports(after) : after);
    } catch (error) {
      throw new Error(
        `${file} was changed, and ${service} can no longer be taken out of it: ${error.message}.`,
        { cause: error },
      );
    }
  }
  for (const path of removed) tree.delete(path);
  for (const command of commands) removeCommand(tree, command);
  const services = 'libs/contracts/src/services.ts';
  tree.write(services, addEntry(tree.read(services, 'utf8'), 'leftOut', `${service}: true`));
};

function removeCommand(tree, command) {
  for (const [file, constant] of Object.entries(commandLists)) {
    const isOfCommand = (entry) => new RegExp(`^'?${command}'?: `).test(entry);
    tree.write(file, removeEntries(tree.read(file, 'utf8'), constant, isOfCommand));
  }
  const manifest = JSON.parse(tree.read('package.json', 'utf8'));
  delete manifest.scripts[command];
  tree.write('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
}
