/**
 * `npm run test:api [-- --seed N] [--examples N]`: starts the shop in one process and compares what it answers with its
 * API document, with a walk of our own and with Schemathesis. The last line is `N passed, N failed`.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type * as TestApi from '@bulkhead/app/acceptance/src/fuzz/test-api';
import { buildShop } from '../build/build-shop.ts';
import { load } from '../build/load.ts';
import { messageOf } from '../test/unavailable.ts';
import { createProcesses } from '../test/processes.ts';
import { ensurePythonTools } from './python-tools.ts';
import { startShop } from '../test/shop.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '7' }, examples: { type: 'string', default: '10' } },
});

const program = findSchemathesis();

function findSchemathesis(): string {
  try {
    return ensurePythonTools({
      name: 'Schemathesis',
      program: 'schemathesis',
      requirements: 'schemathesis.requirements.txt',
    });
  } catch (error) {
    console.error(messageOf(error));
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
}

buildShop(['monolith']);
const { testApi } = await load<typeof TestApi>('apps/acceptance/src/fuzz/test-api.ts');
const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-api-'));
const dataDir = path.join(folder, 'data');
const processes = createProcesses(folder);
let result = { passed: 0, failed: 1 };
try {
  const { origin } = await startShop(processes, { command: 'monolith', dataDir });
  const secrets = JSON.parse(await readFile(path.join(dataDir, 'secrets.json'), 'utf8')) as {
    adminPassword: string;
    webhookSecret: string;
  };
  result = await testApi({
    origin,
    program,
    folder,
    seed: Number(values.seed),
    examples: Number(values.examples),
    say: (line: string) => console.log(line),
    admin: { email: 'admin@shop.example', password: secrets.adminPassword },
    webhookSecret: secrets.webhookSecret,
    mailFolder: path.join(dataDir, 'mail'),
    signal: processes.signal,
  });
} catch (error) {
  console.error(error);
} finally {
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed === 0 && result.passed > 0 ? 0 : 1);
