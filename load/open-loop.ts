import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface OpenLoop {
  /** When each is due, in ms from the start, ascending. */
  readonly arrivals: Iterable<number>;
  /** Most under way at once: a shop that hangs must not fill this process with waiting requests. */
  readonly maxUnderWay: number;
  /** @param dueAt when it should begin, on the clock of `performance.now()` */
  start(dueAt: number, index: number): Promise<void>;
  /** Ends it early; what is under way is waited for. */
  readonly signal?: AbortSignal;
}

export interface OpenLoopResult {
  readonly started: number;
  /** Due, but not started because too many were under way. */
  readonly dropped: number;
  /** How late each was started, in µs. */
  readonly lateness: RecordableHistogram;
}

/** Starts each arrival at its time, whatever became of the ones before. Resolves when all have ended. */
export async function runOpenLoop(options: OpenLoop): Promise<OpenLoopResult> {
  const { maxUnderWay, start, signal } = options;
  const lateness = createHistogram();
  const underWay = new Set<Promise<void>>();
  const beganAt = performance.now();
  let index = 0;
  let dropped = 0;
  for (const offset of options.arrivals) {
    const dueAt = beganAt + offset;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    if (signal?.aborted) break;
    // Timers round down to whole ms, so it may be a little early: that is not late.
    lateness.record(Math.max(1, Math.round((performance.now() - dueAt) * 1_000)));
    if (underWay.size >= maxUnderWay) {
      dropped += 1;
      continue;
    }
    const journey = start(dueAt, index++).finally(() => underWay.delete(journey));
    underWay.add(journey);
  }
  await Promise.all(underWay);
  return { started: index, dropped, lateness };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
