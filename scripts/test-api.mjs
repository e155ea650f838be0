/**
 * `npm run test:api [-- --seed N] [--examples N]`: starts the shop in one process and compares what it answers with its
 * API document, with a walk of our own and with Schemathesis. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildShop } from './build-shop.mjs';
import { root } from './install.mjs';
import { load } from './load.mjs';
import { createProcesses } from './processes.mjs';
import { startShop } from './shop.mjs';
import { stopUnavailable } from './unavailable.mjs';

const requirements = path.join(import.meta.dirname, 'schemathesis.requirements.txt');
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '7' }, examples: { type: 'string', default: '10' } },
});

/** Installs Schemathesis where nothing else is touched. @returns the program's path */
function ensureSchemathesis() {
  const text = readFileSync(requirements, 'utf8');
  const [, version] = /^schemathesis==(.+)$/m.exec(text);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const folder = path.join(root, `node_modules/.cache/bulkhead/schemathesis-${version}-${digest}`);
  const program = path.join(
    folder,
    process.platform === 'win32' ? 'Scripts/schemathesis.exe' : 'bin/schemathesis',
  );
  if (existsSync(program)) return program;
  const python = ['python3', 'python'].find((name) => spawnSync(name, ['-m', 'venv', '--help']).status === 0);
  if (!python)
    return stopUnavailable(
      'Python 3.10 or later with its module venv is needed (on Debian: apt-get install python3-venv).',
    );
  console.log(`Installing Schemathesis ${version} …`);
  const pip = path.join(path.dirname(program), 'pip');
  for (const [command, ...words] of [
    [python, '-m', 'venv', folder],
    [pip, 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
  ]) {
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    if (status !== 0)
      return giveUp(`Schemathesis ${version} could not be installed from PyPI: ${stdout}${stderr}`);
  }
  return program;
}

function giveUp(reason) {
  console.error(reason);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const program = ensureSchemathesis();
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
