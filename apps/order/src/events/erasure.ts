import { orderErased } from '@bulkhead/contracts/profile/events';
import type { Queryable } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { SagaStore } from '../saga/saga-store';
import { eraseUser, pruneErased } from './erasure.sql';

/**
 * Forgets a person: open orders end, and no order knows them any more; each gets a stand-in of its own, so that the
 * orders cannot be told to be of one person. What was bought and paid stays, for the books.
 */
export const createErasureEvents = (store: SagaStore, outbox: Outbox) =>
  subscribe(subscriptions.orderErasure, async ({ data: { userId, erasureId } }, { tx }) => {
    await tx.query({ ...eraseUser.refuseFurtherOrders, values: [userId] });
    for (const saga of await store.findForward(tx, userId)) {
      const moved = await store.move(tx, saga, { to: 'cancelling', ending: 'cancelled', reason: 'erasure' });
      if (!moved) throw new Error('an order moved on meanwhile; look again');
    }
    await tx.query({ ...eraseUser.forgetOrders, values: [userId] });
    await tx.query({ ...eraseUser.forgetKeys, values: [userId] });
    await outbox.append(tx, [
      { definition: orderErased, subject: userId, aggregateVersion: 1, data: { userId, erasureId } },
    ]);
  });

export const createErasurePruning = (db: Queryable): Job => ({
  name: 'prune-erased-users',
  everyMs: 600_000,
  async run() {
    await db.query(pruneErased);
  },
});
