const betweenMs = 1_000;

/**
 * Repeats `work` every second until it succeeds: servers that are installed together with this come up when they do.
 * @param withinMs how long to go on
 * @throws the last error, with `what` before it
 */
export async function untilItWorks<T>(withinMs: number, what: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() + betweenMs > until)
        throw new Error(`${what}: ${(error as Error).message || String(error)}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  }
}
