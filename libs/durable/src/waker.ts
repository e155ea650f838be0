import type { Clock } from '@bulkhead/resilience/clock';

/** Lets one loop sleep until it is woken. A wake-up while it is busy makes the next wait return immediately. */
export interface Waker {
  readonly wake: () => void;
  /** Clears a pending wake-up: a check that starts now will see its cause. */
  readonly clear: () => void;
  /** Resolves at the next wake-up, after `maxMs`, or when the signal aborts; never rejects. */
  wait(maxMs: number, signal: AbortSignal): Promise<void>;
}

export function createWaker(clock: Clock): Waker {
  let pending = false;
  let resume: (() => void) | undefined;
  return {
    wake() {
      pending = true;
      resume?.();
    },
    clear() {
      pending = false;
    },
    async wait(maxMs, signal) {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = clock.setTimer(done, maxMs);
          function done() {
            timer.cancel();
            signal.removeEventListener('abort', done);
            resume = undefined;
            resolve();
          }
          resume = done;
          signal.addEventListener('abort', done, { once: true });
        });
      }
      pending = false;
    },
  };
}
