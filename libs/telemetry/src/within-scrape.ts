/** ms that a scrape waits for somebody else's answer; Prometheus gives up after 10 s for all of them. */
const scrapeLimitMs = 1_000;

/** @returns what was asked for, or undefined when it fails or takes over 1 s: metrics must come even when a database does not */
export async function withinScrape<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), scrapeLimitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
