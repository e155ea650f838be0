/** Builds the bundles of the shop, before something runs them. */
import { spawnSync } from 'node:child_process';
import { root, runtimeEnvironment } from './install.mjs';

/** The environment of a program that runs nx, or what nx built. */
export const shopEnvironment = () => ({ ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' });

/**
 * Prints nothing; ends the process with what nx said, and a sentence, where the shop cannot be built.
 * @param {readonly string[]} projects all, unless some are named
 */
export const buildShop = (projects = []) => {
  const chosen = projects.length > 0 ? [`--projects=${projects.join(',')}`] : [];
  const { status, stdout, stderr } = spawnSync('nx', ['run-many', '-t', 'build', ...chosen], {
    cwd: root,
    encoding: 'utf8',
    env: shopEnvironment(),
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  console.error('The shop could not be built.');
  process.exit(1);
};
