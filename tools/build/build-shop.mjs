/** Builds the bundles of the shop, before something runs them. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, runtime, runtimeEnvironment } from '../bootstrap/install.mjs';

/** The environment of a program that runs nx, or what nx built. */
export const shopEnvironment = () => ({ ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' });

/**
 * Runs a target of the projects. Ends the process with what nx said, and the sentence, where it fails.
 * @param {readonly string[]} words of `nx run-many`
 * @param {string} sentence what could not be done
 * @param {{ tells?: boolean }} options whether it says how far it is; otherwise it prints nothing
 */
export const runTarget = (words, sentence, { tells = false } = {}) => {
  if (tells) return runAndTell(words, sentence);
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

const runAndTell = (words, sentence) => {
  const { status } = spawnSync(runtime(), [path.join(import.meta.dirname, 'run-target.mjs'), ...words], {
    cwd: root,
    env: shopEnvironment(),
    stdio: 'inherit',
  });
  if (status === 0) return;
  console.error(sentence);
  process.exit(1);
};

/**
 * @param {readonly string[]} projects all, unless some are named
 * @param {{ tells?: boolean }} options as for runTarget
 */
export const buildShop = (projects = [], options = {}) => {
  const chosen = projects.length > 0 ? [`--projects=${projects.join(',')}`] : [];
  runTarget(['-t', 'build', ...chosen], 'The shop could not be built.', options);
};
