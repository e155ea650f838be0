import { erased } from '@bulkhead/contracts/profile/erased';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { OrderDatabase } from '../database';
import { findReappeared, pruneErased } from './erasure.sql';
import { forgetBuyer, type ForgetBuyerDependencies } from './forget-buyer';

export interface ErasureDependencies extends ForgetBuyerDependencies {
  readonly database: OrderDatabase;
}

/** Erases a person's data after profile has announced their request. */
export const createErasureEvents = (dependencies: ErasureDependencies & { readonly outbox: Outbox }) =>
  subscribe(subscriptions.orderErasure, async ({ data: { userId, erasureId } }, { tx }) => {
    await dependencies.database.join(tx, (joined) => forgetBuyer(dependencies, joined, userId));
    await dependencies.outbox.append(tx, [
      { definition: erased.order, subject: userId, aggregateVersion: 1, data: { userId, erasureId } },
    ]);
  });

/** Repeats the erasure for people with a concurrent order, and deletes markers that only reject new orders. */
export const createErasureSweep = (dependencies: ErasureDependencies): Job => ({
  name: 'sweep-erased-users',
  everyMs: 60_000,
  async run() {
    const { database } = dependencies;
    const { rows } = await database.query<{ userId: string }>(findReappeared);
    for (const { userId } of rows) await database.transaction((tx) => forgetBuyer(dependencies, tx, userId));
    await database.query(pruneErased);
  },
});
