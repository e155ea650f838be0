import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';

/** Work that a service repeats. Several replicas run it at once: it must claim what it works on. */
export interface Job {
  readonly name: string;
  /** ms between the end of one run and the begin of the next; ±10 % jitter keeps replicas apart. */
  readonly everyMs: number;
  /** One bounded piece of work. Its errors are logged, and the next run comes as planned. */
  run(signal: AbortSignal): Promise<void>;
}

/** Runs jobs until stopped. @returns a stop that aborts the signal and waits for what is running */
export function startJobs(
  jobs: readonly Job[],
  { clock, logger, random = Math.random }: { clock: Clock; logger: Logger; random?: () => number },
): () => Promise<void> {
  const stopping = new AbortController();
  const loops = jobs.map(async ({ name, everyMs, run }) => {
    while (!stopping.signal.aborted) {
      try {
        await run(stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) logger.warn({ operation: name, error }, 'job failed');
      }
      await clock.sleep(everyMs * (0.9 + 0.2 * random()), stopping.signal).catch(() => undefined);
    }
  });
  return async () => {
    stopping.abort(new Error('stopping'));
    await Promise.allSettled(loops);
  };
}
