import type { Speed } from './comparison';

/**
 * Calls `work` again and again, `concurrency` calls at a time, for about `ms`.
 * @throws what a call throws
 */
export async function callsPerSecond(
  concurrency: number,
  ms: number,
  work: () => Promise<unknown>,
): Promise<Speed> {
  const startedAt = performance.now();
  const until = startedAt + ms;
  let calls = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await work();
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return { perSecond: (calls / (performance.now() - startedAt)) * 1_000 };
}

/** How quickly `work` is done with `count` things. */
export async function countPerSecond(count: number, work: () => Promise<unknown>): Promise<Speed> {
  const startedAt = performance.now();
  await work();
  return { perSecond: (count / (performance.now() - startedAt)) * 1_000 };
}
