/** A test of programs as they run, in a temporary folder of its own. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as EmbeddedPlace from '@bulkhead/development/embedded-place';
import { load } from '../build/load.ts';
import { createProcesses } from './processes.ts';
import { createSteps, type StepOptions } from './steps.ts';

/**
 * @param name of the test, in the name of its folder
 * @returns the folder, what starts processes and counts steps, and `run`
 */
export const createEndToEndTest = (name: string, options?: StepOptions) => {
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
     */
    async run(test: () => Promise<void>): Promise<never> {
      try {
        await test();
      } catch (error) {
        steps.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      } finally {
        await processes.stop();
        rmSync(folder, { recursive: true, force: true });
        const { removeAbandoned } = await load<typeof EmbeddedPlace>(
          'libs/development/src/embedded-place.ts',
        );
        await removeAbandoned();
      }
      return steps.end();
    },
  };
};
