/**
 * `npm run lint:api`: Redocly (recommended-strict) and Spectral (its rules for OpenAPI, and OWASP's) on the API document,
 * and whether the types of the client are those of the document; and Spectral's rules for AsyncAPI on that of the events. What is not followed stands with its reason in
 * `tools/api/api-tools/redocly.yaml` and `spectral.yaml`. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { ensureApiTools, runApiTool } from './api-tools.ts';
import { root } from '../bootstrap/install.mjs';

const configs = path.join(import.meta.dirname, 'api-tools');
const openApi = path.join(root, 'libs/contracts/openapi.snapshot.json');
const asyncApi = path.join(root, 'libs/contracts/asyncapi.snapshot.json');
const spectral = '@stoplight/spectral-cli/dist/index.js';
const folder = ensureApiTools();
// Spectral looks for rulesets of packages beside its configuration.
const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

const linters: Record<string, [program: string, words: readonly string[]]> = {
  'Redocly, OpenAPI': [
    '@redocly/cli/bin/cli.js',
    ['lint', '--config', path.join(configs, 'redocly.yaml'), openApi],
  ],
  'Spectral, OpenAPI': [spectral, ['lint', '--ruleset', 'spectral.yaml', '--fail-severity', 'warn', openApi]],
  'Spectral, AsyncAPI': [
    spectral,
    ['lint', '--ruleset', 'spectral-asyncapi.yaml', '--fail-severity', 'warn', asyncApi],
  ],
};
for (const name of ['spectral.yaml', 'spectral-asyncapi.yaml'])
  cpSync(path.join(configs, name), path.join(folder, name));

let failed = 0;
const types = spawnSync(process.execPath, [path.join(import.meta.dirname, 'client-types.ts'), '--check'], {
  stdio: 'inherit',
});
console.log(`== Types of the client: ${types.status === 0 ? 'current' : 'not current'}`);
if (types.status !== 0) failed += 1;

for (const [name, [program, words]] of Object.entries(linters)) {
  const { status, stdout, stderr } = runApiTool(folder, program, words, { env: environment });
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'failed'}`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout}${stderr}`.slice(-10_000));
}
const all = Object.keys(linters).length + 1;
console.log(`${all - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
