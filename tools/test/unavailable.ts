/** How a command ends that cannot do its work. */

/** EX_UNAVAILABLE of sysexits.h: a check did not run, because what it needs is not on this machine. */
export const unavailable = 69;

/** Ends this process, saying in one sentence what is missing. */
export function stopUnavailable(sentence: string): never {
  console.error(sentence);
  process.exit(unavailable);
}

/** @returns what `find` returns; where it throws, ends this process with the error's message as the sentence */
export function orUnavailable<T>(find: () => T): T {
  try {
    return find();
  } catch (error) {
    stopUnavailable(messageOf(error));
  }
}

/** @param error what was thrown, which may be anything */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
