/**
 * `npm run test:commands [-- COMMAND…]`: each command as the first one in a fresh clone that others may not enter and
 * whose path has a space, as tools/test/first-runs.mjs says; then `npm start` in one without packages. What is left running
 * is a failure. The last line is `N passed, N failed`.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { firstRuns } from './first-runs.mjs';
import { makeClone } from './fresh-clone.ts';
import { load } from '../build/load.ts';
import { until, wait } from './processes.ts';

// For what hangs, on a machine of any speed.
const limitMs = 3_600_000;
const stopWithinMs = 300_000;
const { removeAbandoned } = await load('libs/development/src/embedded-place.ts');

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in firstRuns));
if (unknown !== undefined) {
  console.error(`Unknown command ${unknown}; there are: ${Object.keys(firstRuns).join(', ')}.`);
  process.exit(2);
}

/** Nothing that is known here is known in a fresh clone: no servers of others, no settings. */
const bareEnvironment = () => {
  const { PATH, HOME, LANG } = process.env;
  const registry = Object.entries(process.env).filter(([name]) => /^npm_config_/i.test(name));
  const own = path.join(import.meta.dirname, '../..', 'node_modules');
  const folders = PATH.split(path.delimiter).filter((folder) => !folder.startsWith(own));
  return { ...Object.fromEntries(registry), PATH: folders.join(path.delimiter), HOME, LANG };
};

/** Command lines of what runs in the folder of a clone, or for it. */
const running = (folder) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(folder));

/** @returns {Promise<string | undefined>} what is wrong */
async function tryFirst(name, { args = [], environment = {}, code, until: reached, says, makes }, packages) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'bulkhead-clone-')));
  const clone = path.join(folder, 'a clone');
  chmodSync(folder, 0o700);
  makeClone(clone, { packages });
  // As git made it: some commands ask it for the files of the workspace.
  execFileSync('git', ['init', '--quiet', clone]);
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary);
  let output = '';
  const child = spawn('npm', ['run', '--silent', name, '--', ...args], {
    cwd: clone,
    env: { ...bareEnvironment(), TMPDIR: temporary, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let ended;
  const end = new Promise((resolve) =>
    child.on('close', (status, signal) => resolve((ended = status ?? signal))),
  );
  const problems = [];
  try {
    await until(`${name} has ended`, () => ended !== undefined || reached?.test(output), limitMs);
    if (reached && !reached.test(output)) problems.push(`ended with ${ended} before it said ${reached}`);
    if (ended === undefined) {
      child.kill('SIGTERM');
      await Promise.race([end, wait(stopWithinMs)]);
    }
    if (code !== undefined && ended !== code) problems.push(`ended with ${ended} instead of ${code}`);
    if (makes && !existsSync(path.join(clone, makes))) problems.push(`did not make ${makes}`);
    if (says && !says.test(output)) problems.push(`did not say ${says}`);
    if (/^ +at .*:\d+/m.test(output)) problems.push('printed a stack');
    await until('nothing runs any more', () => running(folder).length === 0, stopWithinMs).catch(() =>
      problems.push(`left running: ${running(folder).join(' | ')}`),
    );
    if (packages === 'none' && !/^Installing packages … \d+ s, /m.test(output))
      problems.push('did not say how far the installation was');
  } catch (error) {
    problems.push(error.message);
  } finally {
    if (ended === undefined) process.kill(-child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await removeAbandoned();
  }
  return problems.length === 0 ? undefined : `${problems.join('; ')}:\n${output.slice(-3_000)}`;
}

let passed = 0;
let failed = 0;
const count = (what, problem, seconds) => {
  console.log(`${problem ? 'FAIL' : 'ok  '} ${what} (${seconds} s)${problem ? `: ${problem}` : ''}`);
  if (problem) failed += 1;
  else passed += 1;
};

for (const name of chosen.length > 0 ? chosen : Object.keys(firstRuns))
  for (const run of firstRuns[name]) {
    const startedAt = Date.now();
    const problem = await tryFirst(name, run, 'linked');
    count([name, ...(run.args ?? [])].join(' '), problem, Math.round((Date.now() - startedAt) / 1000));
  }
if (chosen.length === 0) {
  const startedAt = Date.now();
  const problem = await tryFirst('start', firstRuns.start[0], 'none');
  count('start, without packages', problem, Math.round((Date.now() - startedAt) / 1000));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
