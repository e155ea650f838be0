/** A test of programs as they run, in a temporary folder of its own. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from '../build/load.mjs';
import { createProcesses } from './processes.mjs';
import { createSteps } from './steps.mjs';

/**
 * @param {string} name of the test, in the name of its folder
 * @param options as for createSteps
 * @returns the folder, what starts processes and counts steps, and `run`
 */
export const createEndToEndTest = (name, options) => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), `bulkhead-${name}-`)));
  const processes = createProcesses(folder);
  const steps = createSteps(options);
  return {
    folder,
    processes,
    ...steps,
    /**
     * Runs the test. What it throws is a failure, too. Then ends its processes, removes its folder and ends this process;
     * the last line is `N passed, N failed`.
     * @param {() => Promise<void>} test
     */
    async run(test) {
      try {
        await test();
      } catch (error) {
        steps.failures.push(error.stack);
      } finally {
        await processes.stop();
        rmSync(folder, { recursive: true, force: true });
        const { removeAbandoned } = await load('libs/development/src/embedded-place.ts');
        await removeAbandoned();
      }
      steps.end();
    },
  };
};
