/** Programs of a workspace that a test has made: a clone, or a shop of one's own. */
import type { Processes } from './processes.ts';
import { runtime, shopEnvironment } from '../bootstrap/install.mjs';

/** For what hangs: a busy machine needs many times what a quiet one does. */
const limitMs = 3_600_000;

/** @param workspace its folder */
export const programsOf = (processes: Processes, workspace: string) => {
  /** Runs a program of it. @throws Error with the end of what it said */
  const run = async (...words: string[]): Promise<void> => {
    const child = processes.start(runtime(), words, shopEnvironment(), { cwd: workspace });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const status = await child.ended;
    clearTimeout(timer);
    if (status !== 0)
      throw new Error(`${words.join(' ')} ended with ${status}:\n${child.output.slice(-4_000)}`);
  };
  return {
    run,
    nx: (...words: string[]) => run('node_modules/nx/dist/bin/nx.js', ...words),
    jest: (project: string, ...words: string[]) =>
      run('node_modules/jest/bin/jest.js', '--config', `${project}/jest.config.cjs`, ...words),
  };
};
