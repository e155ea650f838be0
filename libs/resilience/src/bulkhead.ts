import type { Clock } from './clock';
import type { Deadline } from './deadline';
import { BulkheadFull, DeadlineExceeded } from './errors';
import { highestFirst, type Priority } from './priority';

export interface BulkheadOptions {
  /** What is protected; for errors and metrics. */
  readonly name: string;
  readonly clock: Clock;
  /** Maximum number of concurrent calls. */
  readonly maxConcurrent: number;
  /** Maximum number of waiting calls. Default 0. */
  readonly maxQueued?: number;
  /** Maximum wait for a slot, in ms. Default 100. */
  readonly maxWaitMs?: number;
}

export interface BulkheadExecuteOptions {
  /** The wait ends when it passes. */
  readonly deadline?: Deadline;
  /** The wait ends when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Higher priorities get a free slot first; lower ones are displaced when the queue is full. Default 'buy'. */
  readonly priority?: Priority;
}

/**
 * Gives one dependency a bounded number of slots, so that its slowness cannot exhaust the process (Nygard, Release It!;
 * Little's law: maxConcurrent ≈ calls per second × seconds per call, plus some headroom). FIFO within a priority; when
 * the queue is full, a call displaces the newest one of the lowest priority below its own.
 */
export interface Bulkhead {
  readonly name: string;
  readonly inFlight: number;
  readonly queued: number;
  /** The configured limit. */
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  /**
   * @throws BulkheadFull, DeadlineExceeded or the signal's reason without calling `work`; otherwise what `work` throws.
   */
  execute<T>(work: () => Promise<T>, options?: BulkheadExecuteOptions): Promise<T>;
}

interface Waiter {
  /** The slot was granted. */
  admit(): void;
  reject(error: Error): void;
}

export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const { name, clock, maxConcurrent, maxQueued = 0, maxWaitMs = 100 } = options;
  if (!(maxConcurrent >= 1 && maxQueued >= 0))
    throw new RangeError('needs maxConcurrent ≥ 1 and maxQueued ≥ 0');
  // Sets iterate in insertion order and delete in O(1), which is all a queue with cancellation needs.
  const queues: Record<Priority, Set<Waiter>> = { pay: new Set(), buy: new Set(), browse: new Set() };
  let inFlight = 0;
  let queued = 0;

  const full = () => new BulkheadFull(name, Math.max(1000, maxWaitMs));

  const makeRoomFor = (priority: Priority): boolean => {
    if (queued < maxQueued) return true;
    const lowerLowestFirst = highestFirst.slice(highestFirst.indexOf(priority) + 1).reverse();
    const latest = lowerLowestFirst.map((lower) => [...queues[lower]].at(-1)).find((waiter) => waiter);
    latest?.reject(full());
    return latest !== undefined;
  };

  const wait = ({ priority = 'buy', deadline, signal }: BulkheadExecuteOptions): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!makeRoomFor(priority)) return reject(full());
      const queue = queues[priority];
      const leave = () => {
        queue.delete(waiter);
        queued -= 1;
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        admit() {
          leave();
          resolve();
        },
        reject(error) {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.reject(signal?.reason as Error);
      const leftMs = deadline?.remainingMs() ?? Infinity;
      const timer = clock.setTimer(
        () => waiter.reject(leftMs <= maxWaitMs ? new DeadlineExceeded() : full()),
        Math.ceil(Math.min(maxWaitMs, leftMs)),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.add(waiter);
      queued += 1;
    });

  /** Passes the slot directly to the next in line, so that no other call can take it in between. */
  const passOn = () => {
    for (const priority of highestFirst) {
      const [next] = queues[priority];
      if (next) return next.admit();
    }
    inFlight -= 1;
  };

  return {
    name,
    maxConcurrent,
    maxQueued,
    async execute(work, executeOptions = {}) {
      executeOptions.signal?.throwIfAborted();
      if (executeOptions.deadline?.expired()) throw new DeadlineExceeded();
      if (inFlight < maxConcurrent) inFlight += 1;
      else await wait(executeOptions);
      try {
        return await work();
      } finally {
        passOn();
      }
    },
    get inFlight() {
      return inFlight;
    },
    get queued() {
      return queued;
    },
  };
}
