/**
 * `nx g @bulkhead/tools:remove NAME [--endpoint | --event | --consumer …]`: takes out again what a generator added, or a
 * service of the shop's own that is optional.
 */
const { formatFiles } = require('@nx/devkit');
const consumer = require('../consumer/generator.cjs');
const { deriveFiles } = require('../derived.cjs');
const endpoint = require('../endpoint/generator.cjs');
const event = require('../event/generator.cjs');
const { forget } = require('../extract/declaration.cjs');
const { requireService } = require('../known-services.cjs');
const { leaveOut, requireOptional } = require('../leave-out/index.cjs');
const { removeFromShop } = require('../shop-edits.cjs');
const { forgetRemovedFiles } = require('./pages.cjs');

const parts = { endpoint, event, consumer };

/** @param {{ name: string, endpoint?: string, event?: string, consumer?: string }} options see schema.json */
async function removeGenerator(tree, { name, ...options }) {
  const [kind, ...others] = Object.keys(parts).filter((each) => options[each] !== undefined);
  if (others.length > 0) throw new Error('Remove one thing at a time: --endpoint, --event or --consumer.');
  if (kind) {
    requireService(tree, name);
    parts[kind].remove(tree, name, options[kind]);
    await formatFiles(tree);
    return () => deriveFiles({ breaking: true, clientTypes: kind === 'endpoint' });
  }
  const names = name.split(',').map((each) => each.trim());
  for (const each of names) {
    requireOptional(each);
    removeFromShop(tree, each);
    leaveOut(tree, each);
    forget(tree, each);
    for (const folder of [`apps/${each}`, `charts/${each}`, `libs/contracts/src/${each}`])
      if (tree.exists(folder)) tree.delete(folder);
  }
  forgetRemovedFiles(tree);
  await formatFiles(tree);
  return () => deriveFiles({ remove: names, breaking: true });
}

module.exports = removeGenerator;
