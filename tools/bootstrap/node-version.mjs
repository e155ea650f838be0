// @ts-check
/** Which Node.js runs the workspace. Imported before anything is installed, by any Node.js. */
import { readFileSync } from 'node:fs';

/** `engines` of package.json: hashing of passwords needs `crypto.argon2`, which came with it. */
/** @type {{ engines: { node: string } }} */
const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
export const oldestNode = engines.node.replace('>=', '');

/** Enough to install the packages, where npm brings a newer one as one of them (optionalDependencies in package.json). */
const oldestInstaller = '20.11';
const packagedFor = ['linux-x64', 'linux-arm64'];

/** @param {string} version such as 24.7.0 @param {string} oldest such as 24.7 */
const isAtLeast = (version, oldest) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
};

export const isSupported = (version = process.versions.node) => isAtLeast(version, oldestNode);

/**
 * @param {{ version?: string, platform?: string, isInstalled?: boolean }} node this one unless given; `isInstalled` where
 *   the packages are there without one that runs here
 * @returns {string | undefined} why it cannot be used, as a sentence
 */
export const nodeProblem = ({
  version = process.versions.node,
  platform = `${process.platform}-${process.arch}`,
  isInstalled = false,
} = {}) => {
  if (isSupported(version)) return undefined;
  const isPackaged = packagedFor.includes(platform) && !isInstalled;
  if (isPackaged && isAtLeast(version, oldestInstaller)) return undefined;
  return (
    `Node.js ${oldestNode} or later is needed on ${platform}; this is ${version}.` +
    (isPackaged
      ? ` ${oldestInstaller} or later would do to install the packages, one of which is the Node.js that is needed.`
      : '')
  );
};
