import { messageOf } from './unavailable.ts';

export interface StepOptions {
  /** Whether the steps after one that failed are left out, where they would only repeat it. Default false. */
  readonly stopAtFailure?: boolean;
}

/** The steps of a test, each told with the seconds since the start. */
export const createSteps = ({ stopAtFailure = false }: StepOptions = {}) => {
  const startedAt = Date.now();
  const failures: string[] = [];
  let passed = 0;
  const say = (text: string): void =>
    console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${text}`);
  const pass = (sentence: string): void => {
    passed += 1;
    say(sentence);
  };
  const fail = (sentence: string, why?: string): void => {
    failures.push(why === undefined ? sentence : `${sentence}: ${why}`);
    say(`failed: ${sentence}`);
  };
  /** Tells what failed. */
  const tell = (): { passed: number; failed: number } => {
    for (const failure of failures) console.log(failure);
    return { passed, failed: failures.length };
  };
  return {
    say,
    /** What has failed, in sentences; what ends the test belongs there too. */
    failures,
    async step(sentence: string, work: () => unknown): Promise<void> {
      if (stopAtFailure && failures.length > 0) return;
      try {
        await work();
        pass(sentence);
      } catch (error) {
        fail(sentence, messageOf(error));
      }
    },
    /** Counts what was looked at already. @param outcome true, or false, or what is wrong */
    check(sentence: string, outcome: boolean | string): void {
      if (outcome === true) pass(sentence);
      else fail(sentence, outcome === false ? undefined : outcome);
    },
    /** Adds what another part of the test has counted. */
    add(part: { readonly passed: number; readonly failures: readonly string[] }): void {
      passed += part.passed;
      failures.push(...part.failures);
    },
    tell,
    /** Tells what failed and how many did, in the last line, and ends the process. */
    end(): never {
      tell();
      console.log(`${passed} passed, ${failures.length} failed`);
      process.exit(failures.length === 0 ? 0 : 1);
    },
  };
};

export type Steps = ReturnType<typeof createSteps>;
