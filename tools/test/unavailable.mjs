/** EX_UNAVAILABLE of sysexits.h: a check did not run, because what it needs is not on this machine. */
export const unavailable = 69;

/** Ends this process, saying in one sentence what is missing. */
export const stopUnavailable = (sentence) => {
  console.error(sentence);
  process.exit(unavailable);
};
