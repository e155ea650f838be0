import { problem } from '@bulkhead/service/errors';

export interface BatcherOptions<Item, Result> {
  /** Works on a batch; gives a result for each item, in order. Its error is every item's error. */
  readonly run: (items: readonly Item[]) => Promise<Result[]>;
  /** Most items of one batch. */
  readonly maxBatch: number;
  /** Most items that wait; beyond, callers are told that we are overloaded. */
  readonly maxWaiting: number;
}

/** Collects what arrives while a batch runs into the next one. An idle batcher adds no delay; a busy one, no locks. */
export interface Batcher<Item, Result> {
  /** @throws ProblemError overloaded when too many wait, or what the batch threw */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher<Item, Result>({
  run,
  maxBatch,
  maxWaiting,
}: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | undefined;

  const work = async () => {
    // What arrives in the same turn of the event loop belongs to the first batch.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxBatch);
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = undefined;
  };

  return {
    add(item) {
      if (waiting.length >= maxWaiting)
        return Promise.reject(problem('overloaded', { headers: { 'retry-after': '1' } }));
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= work();
      });
    },
    async idle() {
      while (running) await running;
    },
  };
}
