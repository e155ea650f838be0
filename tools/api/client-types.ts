/**
 * `npm run client:types [-- --check]`: writes the types of `@bulkhead/client` from the OpenAPI document with
 * openapi-typescript. `--check` writes nothing and fails where they would change.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ensureApiTools, runApiTool } from './api-tools.ts';
import { root } from '../bootstrap/install.mjs';

const document = path.join(root, 'libs/contracts/openapi.snapshot.json');
const target = path.join(root, 'libs/client/src/api-types.ts');

const { status, stdout, stderr } = runApiTool(ensureApiTools(), 'openapi-typescript/bin/cli.js', [
  document,
  '--root-types',
  '--root-types-no-schema-prefix',
]);
if (status !== 0) {
  console.error(`openapi-typescript failed: ${stderr}`);
  process.exit(1);
}
const content = await format(stdout, { ...(await resolveConfig(target)), filepath: target });
const isCurrent = readIfThere(target) === content;
if (process.argv.includes('--check')) {
  if (!isCurrent) console.error('libs/client/src/api-types.ts is out of date; run npm run client:types');
  process.exit(isCurrent ? 0 : 1);
}
if (!isCurrent) writeFileSync(target, content);
console.log(isCurrent ? 'Nothing has changed.' : 'wrote libs/client/src/api-types.ts');

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
