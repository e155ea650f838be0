import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { createMicroBatcher, type MicroBatcher } from '@bulkhead/service/micro-batcher';
import { applyMoves, type AskedMove, type RecordDependencies } from './apply-move';
import type { ProviderEvent } from '../providers/provider';
import { type Beginning, type NewPayment, writeBeginnings, writeNewPayments } from './intent';
import { type Heard, hearIfOld } from './old-news';
import type { Payment } from './payment';

/** Combines concurrent writes of many payments. Each returns its own outcome; undefined: nothing was written. */
export interface Batches {
  readonly openings: MicroBatcher<NewPayment, Payment | undefined>;
  readonly beginnings: MicroBatcher<Beginning, Payment | undefined>;
  readonly moves: MicroBatcher<AskedMove, Payment | undefined>;
  /** Webhooks. Returns the payment found; undefined: the charge is not ours. */
  readonly hearings: MicroBatcher<ProviderEvent, Heard | undefined>;
  /** Waits until everything is written. */
  drain(): Promise<void>;
}

const limits = { maxBatch: 64, maxQueue: 1_000, concurrency: 2 };

export interface BatchesDependencies extends RecordDependencies {
  readonly database: Database;
  /** The provider whose webhooks are accepted. */
  readonly provider: string;
}

export function createBatches(dependencies: BatchesDependencies): Batches {
  const { database, money, provider } = dependencies;
  const batcher = <Item, Written = Payment>(
    run: (items: readonly Item[]) => Promise<(Written | undefined)[]>,
  ) =>
    createMicroBatcher<Item, Written | undefined>({
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
  const hearings = batcher<ProviderEvent, Heard>((events) => hearIfOld(database, events, provider));
  return {
    openings,
    beginnings,
    moves,
    hearings,
    drain: async () =>
      void (await Promise.all([openings, beginnings, moves, hearings].map((each) => each.drain()))),
  };
}
