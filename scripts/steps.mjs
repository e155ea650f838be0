/** The steps of a test that goes on after one has failed, each told with the seconds since the start. */
export const createSteps = () => {
  const startedAt = Date.now();
  const failures = [];
  let passed = 0;
  const say = (text) =>
    console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${text}`);
  return {
    say,
    /** What has failed, in sentences; what ends the test belongs there too. */
    failures,
    async step(sentence, work) {
      try {
        await work();
        passed += 1;
        say(sentence);
      } catch (error) {
        failures.push(`${sentence}: ${error.message}`);
        say(`failed: ${sentence}`);
      }
    },
    /** Tells what failed and how many did, in the last line, and ends the process. */
    end() {
      for (const failure of failures) console.log(failure);
      console.log(`${passed} passed, ${failures.length} failed`);
      process.exit(failures.length === 0 ? 0 : 1);
    },
  };
};
