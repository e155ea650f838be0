/** Runs a jest configuration for a command of ours, and counts. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runStep } from '../bootstrap/run-program.mjs';

/**
 * Shows what jest says, prints `N passed, N failed` as the last line, and sets the exit code.
 * @param {readonly string[]} args of jest, `--config` among them
 * @param {{ enter?: readonly string[], environment?: Record<string, string> }} options the words of a command in which jest
 *   runs, and variables for it
 */
export async function runJest(args, { enter = [], environment = {} } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-jest-'));
  const output = path.join(folder, 'results.json');
  const putAway = () => rmSync(folder, { recursive: true, force: true });
  try {
    const command = [...enter, 'jest', ...args, '--json', `--outputFile=${output}`];
    const status = await runStep(command, { environment, stdio: ['ignore', 'ignore', 'inherit'], putAway });
    const { numPassedTests, numFailedTests, numFailedTestSuites } = existsSync(output)
      ? JSON.parse(readFileSync(output, 'utf8'))
      : { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 1 };
    // A file that cannot even be loaded has no test that could fail.
    const broken = numFailedTests === 0 ? numFailedTestSuites : 0;
    console.log(`${numPassedTests} passed, ${numFailedTests + broken} failed`);
    process.exitCode = status === 0 ? 0 : 1;
  } finally {
    putAway();
  }
}
