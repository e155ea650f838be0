import { performance } from 'node:perf_hooks';
import type { Clock } from './clock';

export interface LoopLatenessOptions {
  readonly clock: Clock;
  /** ms that the event loop has spent waiting for something to do, so far. Default: what libuv measures. */
  readonly idleMs?: () => number;
  /** Calls back when what came in together has been seen. Default setImmediate, the phase after polling. */
  readonly afterTurn?: (callback: () => void) => void;
}

/**
 * How long what is seen now may have waited in its socket. A turn of the event loop sees what came in during the turn
 * before, one after the other; so whoever is seen now has come since the last turn ended, unless the loop has slept in
 * between: then they came when it woke. Nothing else tells of this time: it is over before a request is a request.
 * @returns a function that returns the most that it can be, in ms. It has to be called for whatever is seen, as that is how
 *   it learns of turns; it costs a look at the clock.
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
