/**
 * @param limitMs timeout in ms of one external query; Prometheus gives up after 10 s for all of them
 * @returns the result, or undefined if the query fails or times out: metrics must be exposed even without a database
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
