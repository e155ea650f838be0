import type { Clock } from './clock';

export interface VirtualClock extends Clock {
  /**
   * Moves time on by `ms`. Timers that fall due run in the order of their times (ties in the order they were set), each
   * at its own moment and with what it sets off settled before the next; so do those set meanwhile.
   */
  advance(ms: number): Promise<void>;
  /** Timers waiting: 0 at the end of a test shows that nothing was left behind. */
  readonly pendingTimers: number;
}

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that stands still until a test moves it. Starts at `startMs` since the Unix epoch; monotonic starts at 0. */
export function createVirtualClock({
  startMs = Date.UTC(2025, 0, 1),
}: { startMs?: number } = {}): VirtualClock {
  let elapsed = 0;
  // Kept in the order they were set, which is what breaks ties.
  const pending = new Set<Pending>();

  const nextUntil = (end: number): Pending | undefined => {
    let next: Pending | undefined;
    for (const timer of pending) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    return next;
  };

  const setTimer: Clock['setTimer'] = (callback, delayMs) => {
    const timer = { at: elapsed + Math.max(0, delayMs), callback };
    pending.add(timer);
    return { cancel: () => void pending.delete(timer) };
  };

  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    setTimer,
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = () => {
          timer.cancel();
          reject(signal?.reason as Error);
        };
        const timer = setTimer(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        }, delayMs);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        pending.delete(timer);
        elapsed = timer.at;
        timer.callback();
        await settle();
      }
      elapsed = end;
    },
    get pendingTimers() {
      return pending.size;
    },
  };
}

/** A turn of the event loop: by then every chain of promises that waits for nothing else has run to its end. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
