import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { createMicroBatcher, type MicroBatcher } from '@bulkhead/service/micro-batcher';
import { applyMoves, type AskedMove, type RecordDependencies } from './apply-move';
import { type Beginning, type NewPayment, writeBeginnings, writeNewPayments } from './intent';
import type { Payment } from './payment';

/** What many payments do at the same moment, written together. Each tells what became of it; undefined: nothing was written. */
export interface Batches {
  readonly openings: MicroBatcher<NewPayment, Payment | undefined>;
  readonly beginnings: MicroBatcher<Beginning, Payment | undefined>;
  readonly moves: MicroBatcher<AskedMove, Payment | undefined>;
  /** Waits until all is written. */
  drain(): Promise<void>;
}

const limits = { maxBatch: 64, maxQueue: 1_000, concurrency: 2 };

export function createBatches(dependencies: RecordDependencies & { readonly database: Database }): Batches {
  const { database, money } = dependencies;
  const batcher = <Item>(run: (items: readonly Item[]) => Promise<(Payment | undefined)[]>) =>
    createMicroBatcher<Item, Payment | undefined>({
      ...limits,
      run,
      isOutage: (error) => error instanceof DatabaseUnavailable || isContended(error),
    });
  const openings = batcher<NewPayment>((payments) => writeNewPayments(database, payments));
  const beginnings = batcher<Beginning>(async (asked) => {
    const begun = await writeBeginnings(database, asked);
    for (const payment of begun) if (payment) money.moved({ to: payment.status }, payment.currency);
    return begun;
  });
  const moves = batcher<AskedMove>((asked) => applyMoves(database, asked, dependencies));
  return {
    openings,
    beginnings,
    moves,
    drain: async () => void (await Promise.all([openings, beginnings, moves].map((each) => each.drain()))),
  };
}
