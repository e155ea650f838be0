/**
 * `node in-memory.cjs '[[["service", {…}], ["remove", {…}]], …]'` runs generators one after the other on the work tree in
 * memory, each list of them by itself. Prints as JSON, for each, what they would change, or why one refused. A process of its
 * own: jest has no way for prettier.
 */
const path = require('node:path');
const { FsTree } = require('nx/src/generators/tree');

const root = path.join(__dirname, '../../../..');
// What generators say to people would stand between the results.
console.info = console.log = () => undefined;

async function run(calls) {
  const tree = new FsTree(root, false);
  try {
    for (const [generator, options] of calls) await require(`../${generator}/generator.cjs`)(tree, options);
  } catch (error) {
    return { refused: error.message, changes: tree.listChanges().length };
  }
  return tree
    .listChanges()
    .map(({ type, path: file, content }) => ({ type, path: file, text: content?.toString() }));
}

async function runAll(lists) {
  const results = [];
  for (const calls of lists) results.push(await run(calls));
  return results;
}

runAll(JSON.parse(process.argv[2])).then((results) => process.stdout.write(JSON.stringify(results)));
