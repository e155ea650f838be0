/**
 * Calls `work` again and again, `concurrency` calls at a time, for about `ms`.
 * @returns calls per second @throws what a call throws
 */
export async function callsPerSecond(
  concurrency: number,
  ms: number,
  work: () => Promise<unknown>,
): Promise<number> {
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
  return (calls / (performance.now() - startedAt)) * 1_000;
}

/** How long `work` takes for `count` things. @returns things per second */
export async function countPerSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count / (performance.now() - startedAt)) * 1_000;
}
