/**
 * `node tools/test/project-tests.ts FOLDER NAME [ARGUMENTS OF JEST…]`: the tests of one project, for `npm test`. Writes
 * test-results/NAME.json. Jest waits for whatever a test has left open, for ever: a set-up that failed half-way may have
 * left a server listening. Here it is given a moment once its results are there, and the whole project has a limit.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runtimeEnvironment } from '../bootstrap/install.mjs';

const limitMinutes = 20;
const exitWithinSeconds = 10;
const lookEveryMs = 500;

const [folder, name, ...args] = process.argv.slice(2);
if (!folder || !name) throw new Error('usage: project-tests.ts FOLDER NAME [ARGUMENTS OF JEST…]');
const results = path.join(root, 'test-results', `${name}.json`);
mkdirSync(path.dirname(results), { recursive: true });
rmSync(results, { force: true });
const jest = spawn(
  process.execPath,
  [
    path.join(root, 'node_modules/jest/bin/jest.js'),
    '--config',
    path.join(root, folder, 'jest.config.cjs'),
    '--json',
    '--outputFile',
    results,
    ...args,
  ],
  // The results as JSON go to the file, and what people read to the other stream.
  { cwd: root, env: runtimeEnvironment(), stdio: ['ignore', 'ignore', 'inherit'], detached: true },
);

/** With its workers, which outlive it. */
const end = (): void => {
  try {
    if (jest.pid !== undefined) process.kill(-jest.pid, 'SIGKILL');
  } catch {
    // Gone in this moment.
  }
};
const giveUp = (reason: string): never => {
  console.error(`${name}: ${reason}`);
  end();
  process.exit(1);
};

const startedAt = Date.now();
const parent = process.ppid;
let overSince: number | undefined;
setInterval(() => {
  if (process.ppid !== parent) giveUp('nobody waits for these tests any more');
  overSince ??= existsSync(results) ? Date.now() : undefined;
  if (overSince !== undefined && Date.now() - overSince > exitWithinSeconds * 1000)
    giveUp(
      `its tests are over, but something that they started is still open, and would keep jest from ending: ` +
        `npx jest ${folder} --detectOpenHandles says what`,
    );
  if (Date.now() - startedAt > limitMinutes * 60_000)
    giveUp(`its tests took longer than ${limitMinutes} minutes, and were ended`);
}, lookEveryMs);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    end();
    process.exit(1);
  });
jest.on('exit', (code) => process.exit(code ?? 1));
