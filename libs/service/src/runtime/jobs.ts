import type { Worker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';

/** Work that a service repeats. Several replicas run it at once: it must claim what it works on. */
export interface Job {
  readonly name: string;
  /** ms between the end of one run and the begin of the next; ±10 % jitter keeps replicas apart. */
  readonly everyMs: number;
  /** One bounded piece of work. Its errors are logged, and the next run comes as planned. */
  run(signal: AbortSignal): Promise<void>;
  /** One pass, where `run` goes on until the signal aborts: for tests, and for tools that run once. */
  once?(signal: AbortSignal): Promise<void>;
}

/** A worker as a job: it runs until the service stops, and again `everyMs` after it broke off. */
export const workerJob = (name: string, worker: Worker, everyMs: number): Job => ({
  name,
  everyMs,
  run: (signal) => worker.run(signal),
  once: (signal) => worker.runOnce(signal),
});

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
