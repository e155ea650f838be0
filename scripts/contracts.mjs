/**
 * `npm run contracts [-- --breaking | --check]`: writes what is made from the contracts (the snapshots of the OpenAPI and
 * the AsyncAPI document, the references in docs/). It refuses changes that break those who rely on the snapshots, unless
 * `--breaking` says that this is meant. `--check` writes nothing and fails where something would change.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './install.mjs';
import { load } from './load.mjs';

const words = process.argv.slice(2);
const { generatedFiles } = await load('libs/contracts/src/documents.ts');

const changed = generatedFiles()
  .map(({ findBreaking, ...file }) => {
    const target = path.join(root, file.path);
    const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
    const breaking = before === undefined ? [] : (findBreaking?.(JSON.parse(before)) ?? []);
    return { ...file, target, before, breaking };
  })
  .filter(({ before, content }) => before !== content);

const breaking = changed.flatMap((file) => file.breaking.map((change) => `${file.path}: ${change}`));
for (const change of breaking) console.error(`breaks others: ${change}`);
if (breaking.length > 0 && !words.includes('--breaking')) {
  console.error('Add what is new beside what is there (another field, endpoint or event version) instead;');
  console.error('where nobody relies on the old any more, `npm run contracts -- --breaking` accepts it.');
  process.exit(1);
}
if (words.includes('--check')) {
  for (const file of changed)
    console.error(`${file.path} is not what the contracts say; run npm run contracts`);
  process.exit(changed.length > 0 ? 1 : 0);
}
for (const { path: name, target, content } of changed) {
  writeFileSync(target, content);
  console.log(`wrote ${name}`);
}
if (changed.length === 0) console.log('Nothing has changed.');
