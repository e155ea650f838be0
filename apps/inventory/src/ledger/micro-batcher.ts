import type { Deadline } from '@bulkhead/resilience/deadline';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import { problem } from '@bulkhead/service/errors';

export interface MicroBatcherOptions<I, O> {
  /** Does all of a batch at once; results in the order of the items. */
  readonly run: (items: readonly I[]) => Promise<readonly O[]>;
  /** Most items of one batch. */
  readonly maxBatch: number;
  /** Most items that wait; more are refused. */
  readonly maxQueue: number;
  /** Whether the failure says nothing about the items, as when the database is away: then all of the batch fail. */
  readonly isOutage: (error: unknown) => boolean;
}

export interface MicroBatcher<I, O> {
  /**
   * Runs the item with the next batch. An idle batcher begins at once; while a batch runs, the next one collects.
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
  resolve(result: O): void;
  reject(error: unknown): void;
}

const overloaded = () => problem('overloaded', { headers: { 'retry-after': '1' } });

/** Turns many concurrent calls into few batches, one at a time, without adding a delay of its own. */
export function createMicroBatcher<I, O>(options: MicroBatcherOptions<I, O>): MicroBatcher<I, O> {
  const queue: Waiting<I, O>[] = [];
  let working: Promise<void> | undefined;

  async function work() {
    // Calls of the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await settle(queue.splice(0, options.maxBatch).filter(inTime));
    working = undefined;
  }

  const inTime = ({ deadline, reject }: Waiting<I, O>) => {
    if (!deadline?.expired()) return true;
    reject(new DeadlineExceeded());
    return false;
  };

  /** One bad item must not fail its neighbours: a batch that fails is tried again in halves. */
  async function settle(batch: readonly Waiting<I, O>[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const results = await options.run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (batch.length === 1 || options.isOutage(error)) {
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
        if (queue.length >= options.maxQueue) return reject(overloaded());
        queue.push({ item, deadline, resolve, reject });
        working ??= work();
      }),
    drain: async () => working,
  };
}
