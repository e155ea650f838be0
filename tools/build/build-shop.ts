/** Builds the bundles of the shop, before something runs them. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, runtime, shopEnvironment } from '../bootstrap/install.mjs';

interface Tells {
  /** Whether it says how far it is; otherwise it prints nothing. */
  readonly tells?: boolean;
}

/**
 * Runs a target of the projects. Ends the process with what nx said, and the sentence, where it fails.
 * @param words of `nx run-many`
 * @param sentence what could not be done
 */
export const runTarget = (
  words: readonly string[],
  sentence: string,
  { tells = false }: Tells = {},
): void => {
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

const runAndTell = (words: readonly string[], sentence: string): void => {
  const { status } = spawnSync(runtime(), [path.join(import.meta.dirname, 'run-target.ts'), ...words], {
    cwd: root,
    env: shopEnvironment(),
    stdio: 'inherit',
  });
  if (status === 0) return;
  console.error(sentence);
  process.exit(1);
};

/** @param projects all, unless some are named */
export const buildShop = (projects: readonly string[] = [], options: Tells = {}): void => {
  const chosen = projects.length > 0 ? [`--projects=${projects.join(',')}`] : [];
  runTarget(['-t', 'build', ...chosen], 'The shop could not be built.', options);
};
