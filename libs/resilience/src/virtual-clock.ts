import type { Clock } from './clock';

export interface VirtualClock extends Clock {
  /**
   * Advances time by `ms`. Due timers run in order of their times (ties in the order they were set), each at its own
   * time, and the promises it triggers settle before the next one runs. Timers set meanwhile run as well.
   */
  advance(ms: number): Promise<void>;
  /** Number of pending timers: 0 at the end of a test shows that none was leaked. */
  readonly pendingTimers: number;
}

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that only advances when a test says so. Starts at `startMs` since the Unix epoch; monotonic starts at 0. */
export function createVirtualClock({
  startMs = Date.UTC(2025, 0, 1),
}: { startMs?: number } = {}): VirtualClock {
  let elapsed = 0;
  // Kept in the order they were set, which breaks ties.
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

/** One iteration of the event loop: by then every chain of promises that waits for nothing else has settled. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
