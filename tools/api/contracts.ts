/**
 * `npm run contracts [-- --breaking | --check]`: writes what is made from the contracts (the snapshots of the OpenAPI and
 * the AsyncAPI document, the references in docs/), and adds to docs/api-changelog.md what is new in the API. It refuses changes that break those who rely on the snapshots, unless
 * `--breaking` says that this is meant. `--check` writes nothing and fails where something would change.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';
import type * as Documents from '@bulkhead/contracts/documents';
import type { Json } from '@bulkhead/contracts/openapi-components';
import { load } from '../build/load.ts';

const words = process.argv.slice(2);
const { addToChangelog, generatedFiles } = await load<typeof Documents>('libs/contracts/src/documents.ts');
const changelog = path.join(root, 'docs/api-changelog.md');

const changed = generatedFiles()
  .map(({ findBreaking, ...file }) => {
    const target = path.join(root, file.path);
    const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
    const breaking = before === undefined ? [] : (findBreaking?.(JSON.parse(before) as Json) ?? []);
    return { ...file, target, before, breaking };
  })
  .filter(({ before, content }) => before !== content);

const breaking = changed.flatMap((file) => file.breaking.map((change) => `${file.path}: ${change}`));
for (const change of breaking) console.error(`breaking change: ${change}`);
if (breaking.length > 0 && !words.includes('--breaking')) {
  console.error('Add a new field, endpoint or event version next to the existing one instead;');
  console.error(
    'if nobody relies on the old one any more, accept the change with `npm run contracts -- --breaking`.',
  );
  process.exit(1);
}
if (words.includes('--check')) {
  for (const file of changed) console.error(`${file.path} is out of date; run npm run contracts`);
  process.exit(changed.length > 0 ? 1 : 0);
}
const day = new Date().toISOString().slice(0, 10);
for (const { path: name, target, content, before, describeChanges, describeWayBack } of changed) {
  const told = (describe?: (before: Json) => string[]) =>
    before === undefined ? [] : (describe?.(JSON.parse(before) as Json) ?? []);
  const changes = told(describeChanges);
  if (changes.length > 0) {
    const known = existsSync(changelog) ? readFileSync(changelog, 'utf8') : '';
    writeFileSync(changelog, addToChangelog(known, day, changes, told(describeWayBack)));
    console.log('wrote docs/api-changelog.md');
  }
  writeFileSync(target, content);
  console.log(`wrote ${name}`);
}
if (changed.length === 0) console.log('Nothing has changed.');
