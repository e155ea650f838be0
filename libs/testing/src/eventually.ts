/**
 * Repeats `check` until it neither throws nor returns false, and gives back what it returned.
 * @param timeoutMs default 30000, which only a machine with other work ever needs; then the last error is thrown, or one that says what was waited for
 */
export const eventually = async <T>(
  check: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 20, what = 'the condition' } = {},
): Promise<Exclude<T, false>> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown = new Error(`${what} did not come true within ${timeoutMs} ms`);
    try {
      const result = await check();
      if (result !== false) return result as Exclude<T, false>;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
