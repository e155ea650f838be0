/** Makes a fresh clone ready to run: packages as package-lock.json says, and a Node.js that is new enough. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const neededNode = [22, 15];
const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1]);
/** Where npm brings a Node.js as a package (optionalDependencies in package.json). */
const isPackaged = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

const refuseNode = () => {
  console.error(
    `Node.js ${neededNode.join('.')} or later is needed on ${process.platform}-${process.arch}; this is ` +
      `${process.versions.node}. Only on Linux x64 and arm64 npm brings the Node.js that is needed, 24, as a package.`,
  );
  process.exit(1);
};

/**
 * Installs the packages if they are missing or not those of the lockfile, and says how far it is. Ends the process with a
 * sentence on failure, and before anything is downloaded where no Node.js could run it.
 */
export const ensureInstalled = () => {
  if (isInstalled()) return;
  if (!isPackaged && !isNewEnough) refuseNode();
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

const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Path of the Node.js to run everything with: the one among the packages, else this one if it is new enough.
 * Ends the process with a sentence otherwise.
 */
export const runtime = () => {
  const packaged = path.join(root, 'node_modules/.bin/node');
  if (existsSync(packaged) && spawnSync(packaged, ['--version']).status === 0) return packaged;
  if (isNewEnough) return process.execPath;
  return refuseNode();
};

/** The environment in which packages' programs, and the same Node.js, are found first. */
export const runtimeEnvironment = () => ({
  ...process.env,
  PATH: [path.dirname(runtime()), path.join(root, 'node_modules/.bin'), process.env.PATH].join(
    path.delimiter,
  ),
});
