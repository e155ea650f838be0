/**
 * @param limitMs ms that a scrape waits for somebody else's answer; Prometheus gives up after 10 s for all of them
 * @returns what was asked for, or undefined when it fails or takes longer: metrics must come even when a database does not
 */
export async function withinScrape<T>(ask: () => T | Promise<T>, limitMs = 1_000): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([ask(), limit]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
