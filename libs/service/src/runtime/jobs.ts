import type { Worker } from '@bulkhead/durable/worker';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';

/** A repeated task of a service. Several replicas run it concurrently: it must claim what it works on. */
export interface Job {
  readonly name: string;
  /** ms between the end of one run and the start of the next; ±10 % jitter keeps replicas apart. */
  readonly everyMs: number;
  /** The service becomes ready only after the first run has ended, successfully or not. */
  readonly beforeReady?: boolean;
  /** One bounded run. Its errors are logged, and the next run starts as scheduled. */
  run(signal: AbortSignal): Promise<void>;
  /** A single pass, if `run` continues until the signal aborts: for tests, and for tools that run once. */
  once?(signal: AbortSignal): Promise<void>;
}

/** A worker as a job: it runs until the service stops, and is restarted `everyMs` after a failure. */
export const workerJob = (name: string, worker: Worker, everyMs: number): Job => ({
  name,
  everyMs,
  run: (signal) => worker.run(signal),
  once: (signal) => worker.runOnce(signal),
});

export interface RunningJobs {
  /** Resolves when the first runs of the jobs with `beforeReady` have ended. */
  readonly ready: Promise<void>;
  /** Aborts the signal and waits for running jobs. */
  stop(): Promise<void>;
}

/** Runs jobs until stopped. */
export function startJobs(
  jobs: readonly Job[],
  { clock, logger, random = Math.random }: { clock: Clock; logger: Logger; random?: () => number },
): RunningJobs {
  const stopping = new AbortController();
  const runOne = async ({ name, run }: Job) => {
    try {
      await run(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) logger.warn({ operation: name, error }, 'job failed');
    }
  };
  const firstRuns: Promise<void>[] = [];
  const loops = jobs.map(async (job) => {
    const { everyMs, beforeReady } = job;
    const first = runOne(job);
    if (beforeReady) firstRuns.push(first);
    await first;
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs * (0.9 + 0.2 * random()), stopping.signal).catch(() => undefined);
      if (!stopping.signal.aborted) await runOne(job);
    }
  });
  return {
    ready: Promise.all(firstRuns).then(() => undefined),
    async stop() {
      stopping.abort(new Error('stopping'));
      await Promise.allSettled(loops);
    },
  };
}
