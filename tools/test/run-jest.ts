/** Runs a jest configuration for a command of ours, and counts. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runStep } from '../bootstrap/run-program.mjs';

/** Of what `jest --json` writes. */
interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
}

/**
 * Shows what jest says, prints `N passed, N failed` as the last line, and sets the exit code.
 * @param args of jest, `--config` among them
 * @param options the words of a command in which jest runs, and variables for it
 */
export async function runJest(
  args: readonly string[],
  {
    enter = [],
    environment = {},
  }: { readonly enter?: readonly string[]; readonly environment?: Record<string, string> } = {},
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-jest-'));
  const output = path.join(folder, 'results.json');
  const putAway = () => rmSync(folder, { recursive: true, force: true });
  try {
    const command = [...enter, 'jest', ...args, '--json', `--outputFile=${output}`];
    const status = await runStep(command, { environment, stdio: ['ignore', 'ignore', 'inherit'], putAway });
    const { numPassedTests, numFailedTests, numFailedTestSuites }: Counts = existsSync(output)
      ? (JSON.parse(readFileSync(output, 'utf8')) as Counts)
      : { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 1 };
    // A file that cannot even be loaded has no test that could fail.
    const broken = numFailedTests === 0 ? numFailedTestSuites : 0;
    console.log(`${numPassedTests} passed, ${numFailedTests + broken} failed`);
    process.exitCode = status === 0 ? 0 : 1;
  } finally {
    putAway();
  }
}
