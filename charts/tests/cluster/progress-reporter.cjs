/** Says of each test how it went as soon as it has: a run takes minutes, and jest itself speaks only at its end. */
module.exports = class ProgressReporter {
  onTestCaseResult(_test, { status, title, ancestorTitles, duration, failureMessages }) {
    const seconds = ((duration ?? 0) / 1_000).toFixed(1);
    process.stderr.write(
      `${status === 'passed' ? 'ok  ' : 'FAIL'} ${[...ancestorTitles, title].join(' › ')} (${seconds} s)\n`,
    );
    for (const message of failureMessages) process.stderr.write(`${message}\n`);
  }
};
