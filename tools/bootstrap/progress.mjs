// @ts-check
/** Says how far something is that takes long, so that nobody waits for a silent terminal. */

const isTerminal = process.stdout.isTTY;
/** A terminal shows the seconds; a log shall not be filled by them. */
const everyMs = isTerminal ? 1_000 : 5_000;

/**
 * @param {string} what is being done: `Building`
 * @param {() => string} howFar what to say besides the seconds
 * @returns {() => void} ends it
 */
export const showProgress = (what, howFar) => {
  const startedAt = Date.now();
  const tell = () => {
    const line = `${what} … ${Math.round((Date.now() - startedAt) / 1000)} s, ${howFar()}`;
    process.stdout.write(isTerminal ? `\r${line}` : `${line}\n`);
  };
  process.stdout.write(`${what} …${isTerminal ? '' : '\n'}`);
  const ticking = setInterval(tell, everyMs);
  return () => {
    clearInterval(ticking);
    if (isTerminal) process.stdout.write('\n');
  };
};
