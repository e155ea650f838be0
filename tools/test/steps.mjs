/**
 * The steps of a test, each told with the seconds since the start.
 * @param {{ stopAtFailure?: boolean }} options whether the steps after one that failed are left out, where they would
 *   only repeat it. Default false
 */
export const createSteps = ({ stopAtFailure = false } = {}) => {
  const startedAt = Date.now();
  const failures = [];
  let passed = 0;
  const say = (text) =>
    console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${text}`);
  const pass = (sentence) => {
    passed += 1;
    say(sentence);
  };
  const fail = (sentence, why) => {
    failures.push(why === undefined ? sentence : `${sentence}: ${why}`);
    say(`failed: ${sentence}`);
  };
  /** Tells what failed. @returns {{ passed: number, failed: number }} */
  const tell = () => {
    for (const failure of failures) console.log(failure);
    return { passed, failed: failures.length };
  };
  return {
    say,
    /** What has failed, in sentences; what ends the test belongs there too. */
    failures,
    async step(sentence, work) {
      if (stopAtFailure && failures.length > 0) return;
      try {
        await work();
        pass(sentence);
      } catch (error) {
        fail(sentence, error.message);
      }
    },
    /** Counts what was looked at already. @param {boolean | string} outcome true, or false, or what is wrong */
    check(sentence, outcome) {
      if (outcome === true) pass(sentence);
      else fail(sentence, outcome === false ? undefined : outcome);
    },
    /** Adds what another part of the test has counted. @param {{ passed: number, failures: readonly string[] }} part */
    add(part) {
      passed += part.passed;
      failures.push(...part.failures);
    },
    tell,
    /** Tells what failed and how many did, in the last line, and ends the process. */
    end() {
      tell();
      console.log(`${passed} passed, ${failures.length} failed`);
      process.exit(failures.length === 0 ? 0 : 1);
    },
  };
};
