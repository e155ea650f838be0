// @ts-check
/** Makes a fresh clone ready to run: packages as package-lock.json says, and a Node.js that is new enough. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSupported, nodeProblem } from './node-version.mjs';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** @type {(problem: string | undefined) => never} */
const refuseNode = (problem) => {
  console.error(problem);
  process.exit(1);
};

/**
 * Installs the packages if they are missing or not those of the lockfile, and says how far it is. Ends the process with a
 * sentence on failure, and before anything is downloaded where no Node.js could run it.
 */
export const ensureInstalled = () => {
  const problem = nodeProblem();
  if (problem) refuseNode(problem);
  if (isInstalled()) return;
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'install-packages.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
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

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean, devOptional?: boolean }>}
 */
const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Path of the Node.js to run everything with: this one if it is supported, else the one among the packages.
 * Ends the process with a sentence otherwise.
 * @returns {string}
 */
export const runtime = () => {
  if (isSupported()) return process.execPath;
  const packaged = path.join(root, 'node_modules/.bin/node');
  if (existsSync(packaged) && spawnSync(packaged, ['--version']).status === 0) return packaged;
  return refuseNode(nodeProblem({ isInstalled: true }));
};

/**
 * The environment in which packages' programs, and the same Node.js, are found first.
 * @returns {NodeJS.ProcessEnv}
 */
export const runtimeEnvironment = () => ({
  ...process.env,
  PATH: [path.dirname(runtime()), path.join(root, 'node_modules/.bin'), process.env['PATH']].join(
    path.delimiter,
  ),
});

/**
 * The environment of a program that runs nx, or what nx built.
 * @returns {NodeJS.ProcessEnv}
 */
export const shopEnvironment = () => ({ ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' });
