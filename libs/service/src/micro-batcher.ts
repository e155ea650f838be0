import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import { problem } from './errors';

export interface MicroBatcherOptions<I, O> {
  /** Does all of a batch at once; results in the order of the items. */
  readonly run: (items: readonly I[]) => Promise<readonly O[]>;
  /** Most items of one batch. */
  readonly maxBatch: number;
  /** Most items that wait; more are refused. */
  readonly maxQueue: number;
  /** Most batches that run at once. Default 1. */
  readonly concurrency?: number;
  /** Whether the failure says nothing about the items, as when the database is away: then all of the batch fail. */
  readonly isOutage: (error: unknown) => boolean;
}

export interface MicroBatcher<I, O> {
  /**
   * Runs the item with the next batch. An idle batcher begins at once; while as many batches run as may, the next one
   * collects. A batch belongs to the trace of its first item.
   * @throws ProblemError overloaded when too many wait; DeadlineExceeded when the deadline passed before its batch
   * began; what `run` threw
   */
  submit(item: I, deadline?: Deadline): Promise<O>;
  /** Waits until nothing is waiting or running. */
  drain(): Promise<void>;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly deadline: Deadline | undefined;
  /** Runs a function in the asynchronous context of the call. */
  readonly within: <T>(work: () => T) => T;
  resolve(result: O): void;
  reject(error: unknown): void;
}

const overloaded = () => problem('overloaded', { headers: { 'retry-after': '1' } });

/** Turns many concurrent calls into few batches, without adding a delay of its own. */
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
    // Calls of the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await settle(queue.splice(0, maxBatch));
    // In the same turn as the look at the queue, so that nobody who comes now is left waiting.
    idle += 1;
  }

  const inTime = ({ deadline, reject }: Waiting<I, O>) => {
    if (!deadline?.expired()) return true;
    reject(new DeadlineExceeded());
    return false;
  };

  /** One bad item must not fail its neighbours: a batch that fails is tried again in halves. */
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
