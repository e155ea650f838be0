import type { Clock } from '@bulkhead/resilience/clock';

/** Waits until all of `work` has settled, at most `graceMs`. */
export async function settled(
  work: Iterable<Promise<unknown>>,
  graceMs: number,
  clock: Clock,
): Promise<void> {
  const over = new AbortController();
  const graceIsOver = clock.sleep(graceMs, over.signal).catch(() => undefined);
  await Promise.race([Promise.allSettled(work), graceIsOver]);
  over.abort();
}
