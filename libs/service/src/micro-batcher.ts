import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import { problem } from './errors';

export interface MicroBatcherOptions<I, O> {
  /** Processes a batch; results in the order of the items. */
  readonly run: (items: readonly I[]) => Promise<readonly O[]>;
  /** Maximum size of a batch. */
  readonly maxBatch: number;
  /** Maximum number of waiting items; further ones are rejected. */
  readonly maxQueue: number;
  /** Maximum number of concurrent batches. Default 1. */
  readonly concurrency?: number;
  /**
   * Whether a failure says nothing about the items, such as when the database is unavailable: the whole batch then
   * fails.
   */
  readonly isOutage: (error: unknown) => boolean;
}

export interface MicroBatcher<I, O> {
  /**
   * Runs the item in the next batch. An idle batcher starts immediately; while the maximum number of batches is
   * running, the next one collects items. A batch belongs to the trace of its first item.
   * @throws ProblemError overloaded when too many are waiting; DeadlineExceeded when the deadline passed before its
   *   batch started; what `run` threw
   */
  submit(item: I, deadline?: Deadline): Promise<O>;
  /** Waits until nothing is waiting or running. */
  drain(): Promise<void>;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly deadline: Deadline | undefined;
  /** Runs a function in the caller's asynchronous context. */
  readonly within: <T>(work: () => T) => T;
  resolve(result: O): void;
  reject(error: unknown): void;
}

const overloaded = () => problem('overloaded', { headers: { 'retry-after': '1' } });

/** Combines many concurrent calls into few batches, without adding a delay. */
export function createMicroBatcher<I, O>(options: MicroBatcherOptions<I, O>): MicroBatcher<I, O> {
  const { run, maxBatch, maxQueue, concurrency = 1, isOutage } = options;
  const queue: Waiting<I, O>[] = [];
  const workers = new Set<Promise<unknown>>();
  let idle = concurrency;

  function addWorker() {
    idle -= 1;
    const worker: Promise<unknown> = work().finally(() => workers.delete(worker));
    workers.add(worker);
  }

  async function work() {
    // Calls in the same iteration of the event loop are combined.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await settle(queue.splice(0, maxBatch));
    // In the same iteration as the check of the queue, so that no new call is left waiting.
    idle += 1;
  }

  const inTime = ({ deadline, reject }: Waiting<I, O>) => {
    if (!deadline?.expired()) return true;
    reject(new DeadlineExceeded());
    return false;
  };

  /** One bad item must not fail the others: a batch that fails is split in half and retried. */
  async function settle(waiting: readonly Waiting<I, O>[]): Promise<void> {
    const batch = waiting.filter(inTime);
    const [first] = batch;
    if (!first) return;
    try {
      const results = await first.within(() => run(batch.map(({ item }) => item)));
      batch.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (batch.length === 1 || isOutage(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await settle(batch.slice(0, middle));
      await settle(batch.slice(middle));
    }
  }

  return {
    submit: (item, deadline) =>
      new Promise((resolve, reject) => {
        if (queue.length >= maxQueue) return reject(overloaded());
        queue.push({ item, deadline, within: AsyncLocalStorage.snapshot(), resolve, reject });
        if (idle > 0) addWorker();
      }),
    async drain() {
      while (workers.size > 0) await Promise.all(workers);
    },
  };
}
