/** Services that came with the shop: which of them can be taken out, and what goes with them. */
const { addEntry, removeEntries } = require('../edit-source.cjs');
const { withoutUnusedImports } = require('./edits.cjs');

const recipes = { notification: require('./notification.cjs'), search: require('./search.cjs') };

/** Why the others stay. */
const core = {
  gateway: 'it is the only public door',
  auth: 'the gateway asks it for keys and sessions',
  profile: 'it leads the export and the erasure of what all services hold of a person',
  product: 'order asks it for prices',
  inventory: 'order reserves in it',
  order: 'a shop without orders is none',
  payment: 'order authorises and captures through it',
};

/** @throws Error with a sentence, for a service without which there is no shop */
exports.requireOptional = (service) => {
  if (Object.hasOwn(core, service))
    throw new Error(
      `${service} cannot be removed: ${core[service]}. Of the shop's own services these can be: ${Object.keys(recipes).join(', ')}.`,
    );
};

/** Where a command of package.json stands, by file: the constant that names it. */
const commandLists = {
  'tools/bootstrap/commands.mjs': 'commands',
  'tools/test/first-runs.mjs': 'firstRuns',
  'tools/test/verify-full.mjs': 'steps',
};

/** Takes out what goes with one of the shop's own services; does nothing for one that was generated. */
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
