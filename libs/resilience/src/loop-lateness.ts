import { performance } from 'node:perf_hooks';
import type { Clock } from './clock';

export interface LoopLatenessOptions {
  readonly clock: Clock;
  /** Total time that the event loop has been idle, in ms. Default: libuv's measurement. */
  readonly idleMs?: () => number;
  /** Calls back after the current batch of input was processed. Default setImmediate, the phase after polling. */
  readonly afterTurn?: (callback: () => void) => void;
}

/**
 * How long a request that is read now may have waited in its socket. An iteration of the event loop processes, one
 * after the other, what arrived during the previous iteration. A request read now has therefore arrived since that
 * iteration ended, or, if the loop was idle in between, when it woke up. Nothing else measures this time: it passes
 * before the request is parsed.
 * @returns a function that returns an upper bound, in ms. Call it for every request, since that is how it notices
 *   iterations; the cost is one clock reading.
 */
export function createLoopLateness({
  clock,
  idleMs = () => performance.nodeTiming.idleTime,
  afterTurn = setImmediate,
}: LoopLatenessOptions): () => number {
  let turnEndedAt = clock.monotonic();
  let idleAtItsEnd = idleMs();
  let cameAt: number | undefined;
  return () => {
    const now = clock.monotonic();
    if (cameAt === undefined) {
      cameAt = idleMs() > idleAtItsEnd ? now : turnEndedAt;
      afterTurn(() => {
        cameAt = undefined;
        turnEndedAt = clock.monotonic();
        idleAtItsEnd = idleMs();
      });
    }
    return now - cameAt;
  };
}
