/** Makes a fresh clone ready to run: packages as package-lock.json says, and a Node.js that is new enough. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const neededNode = [22, 15];

/** Installs the packages if they are missing or not those of the lockfile. Ends the process with a sentence on failure. */
export const ensureInstalled = () => {
  if (isInstalled()) return;
  console.log('Installing packages …');
  // The lockfile may have been written where the registry lacks the optional packages of other platforms. `npm ci`
  // refuses it then; `npm install --no-save` takes the same versions from it and leaves the file alone.
  if (npm('ci').succeeded) return;
  const { succeeded, output } = npm('install', '--no-save');
  if (succeeded) return;
  console.error(output);
  console.error('The packages could not be installed; npm says why above.');
  process.exit(1);
};

const npm = (...words) => {
  const { status, stdout, stderr, error } = spawnSync(
    'npm',
    [...words, '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' },
  );
  return { succeeded: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim() };
};

/** npm keeps a record of what it installed; it must name every package of the lockfile in the same version. */
const isInstalled = () => {
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const present = packagesIn(record);
  return Object.entries(packagesIn(path.join(root, 'package-lock.json'))).every(
    ([name, { version, optional, devOptional }]) => {
      if (name === '') return true;
      // Packages for other platforms are in the lockfile only.
      return present[name] ? present[name].version === version : (optional ?? devOptional ?? false);
    },
  );
};

const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Path of the Node.js to run everything with: the one among the packages, else this one if it is new enough.
 * Ends the process with a sentence otherwise.
 */
export const runtime = () => {
  const packaged = path.join(root, 'node_modules/.bin/node');
  if (existsSync(packaged) && spawnSync(packaged, ['--version']).status === 0) return packaged;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1])) return process.execPath;
  console.error(
    `Node.js ${neededNode.join('.')} or later is needed; this is ${process.versions.node}, and no packaged one fits this platform.`,
  );
  process.exit(1);
};

/** The environment in which packages' programs, and the same Node.js, are found first. */
export const runtimeEnvironment = () => ({
  ...process.env,
  PATH: [path.dirname(runtime()), path.join(root, 'node_modules/.bin'), process.env.PATH].join(
    path.delimiter,
  ),
});
