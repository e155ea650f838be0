/**
 * `npm run test:api [-- --seed N] [--examples N]`: starts the shop in one process and compares what it answers with its
 * API document, with a walk of our own and with Schemathesis. The last line is `N passed, N failed`.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildShop } from '../build/build-shop.mjs';
import { load } from '../build/load.mjs';
import { createProcesses } from '../test/processes.mjs';
import { ensurePythonTools } from './python-tools.mjs';
import { startShop } from '../test/shop.mjs';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '7' }, examples: { type: 'string', default: '10' } },
});

const program = findSchemathesis();

function findSchemathesis() {
  try {
    return ensurePythonTools({
      name: 'Schemathesis',
      program: 'schemathesis',
      requirements: 'schemathesis.requirements.txt',
    });
  } catch (error) {
    console.error(error.message);
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
}

buildShop(['monolith']);
const { testApi } = await load('apps/acceptance/src/fuzz/test-api.ts');
const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-api-'));
const dataDir = path.join(folder, 'data');
const processes = createProcesses(folder);
let result = { passed: 0, failed: 1 };
try {
  const { origin } = await startShop(processes, { command: 'monolith', dataDir });
  const secrets = JSON.parse(await readFile(path.join(dataDir, 'secrets.json'), 'utf8'));
  result = await testApi({
    origin,
    program,
    folder,
    seed: Number(values.seed),
    examples: Number(values.examples),
    say: (line) => console.log(line),
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
