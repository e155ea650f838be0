// @ts-check
/** `npm ci` in a process of its own, which says how far it is while whoever waits for it can say nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { showProgress } from './progress.mjs';

const root = path.join(import.meta.dirname, '../..');

/** How many packages of the lockfile are for this platform. */
const total = () => {
  /** @type {{ packages: Record<string, { os?: string[], cpu?: string[] }> }} */
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  /** @type {(wanted: readonly string[] | undefined, here: string) => boolean} */
  const fits = (wanted, here) => wanted === undefined || wanted.includes(here);
  return Object.entries(packages).filter(
    ([name, { os, cpu }]) => name !== '' && fits(os, process.platform) && fits(cpu, process.arch),
  ).length;
};

const packages = total();
let fetched = 0;

/** npm fails where it may not write its cache, as in a home that is read-only: it gets one for this once. */
const ownCache = () => {
  const asked = spawnSync('npm', ['config', 'get', 'cache'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  let folder = asked.stdout?.trim();
  if (!folder) return undefined;
  while (!existsSync(folder)) folder = path.dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch {
    return mkdtempSync(path.join(tmpdir(), 'bulkhead-npm-'));
  }
};
const cache = ownCache();
const removeCache = () => cache && rmSync(cache, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    removeCache();
    process.exit(1);
  });

/** @type {(...words: string[]) => Promise<{ succeeded: boolean, output: string }>} */
const npm = (...words) =>
  new Promise((resolve) => {
    fetched = 0;
    let output = '';
    let rest = '';
    const child = spawn('npm', [...words, '--no-audit', '--no-fund', '--loglevel=http'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(cache && { npm_config_cache: cache }) },
      shell: process.platform === 'win32',
    });
    /** @param {Buffer} chunk */
    const listen = (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines)
        if (!/^npm http /.test(line)) output = `${output}${line}\n`.slice(-20_000);
        else if (/\.tgz\b/.test(line)) fetched += 1;
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', listen);
    child.on('error', (error) => resolve({ succeeded: false, output: error.message }));
    child.on('close', (code) => resolve({ succeeded: code === 0, output: (output + rest).trim() }));
  });

const end = showProgress(
  'Installing packages',
  () => `${Math.min(fetched, packages)} of ${packages} fetched`,
);
// The lockfile may have been written where the registry lacks the optional packages of other platforms. `npm ci`
// refuses it then; `npm install --no-save` takes the same versions from it and leaves the file alone.
let result = await npm('ci');
if (!result.succeeded) result = await npm('install', '--no-save');
end();
removeCache();
if (!result.succeeded) {
  console.error(result.output);
  console.error('The packages could not be installed; see the output of npm above.');
  process.exitCode = 1;
}
