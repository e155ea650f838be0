/** Builds the bundles of the shop, before something runs them. */
import { spawnSync } from 'node:child_process';
import { root, runtimeEnvironment } from './install.mjs';

/** The environment of a program that runs nx, or what nx built. */
export const shopEnvironment = () => ({ ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' });

/**
 * Runs a target of the projects. Prints nothing; ends the process with what nx said, and the sentence, where it fails.
 * @param {readonly string[]} words of `nx run-many`
 * @param {string} sentence what could not be done
 */
export const runTarget = (words, sentence) => {
  const { status, stdout, stderr } = spawnSync('nx', ['run-many', ...words], {
    cwd: root,
    encoding: 'utf8',
    env: shopEnvironment(),
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  console.error(sentence);
  process.exit(1);
};

/** @param {readonly string[]} projects all, unless some are named */
export const buildShop = (projects = []) => {
  const chosen = projects.length > 0 ? [`--projects=${projects.join(',')}`] : [];
  runTarget(['-t', 'build', ...chosen], 'The shop could not be built.');
};
