import { erased } from '@bulkhead/contracts/profile/erased';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { PaymentDatabase } from '../database';
import { findReappeared, pruneErased } from './erasure.sql';
import { forgetUser } from './forget-user';

/** Erases a person's data after profile has announced their request. */
export const erasure = (database: PaymentDatabase, outbox: Outbox) =>
  subscribe(subscriptions.paymentErasure, async (event, { tx }) => {
    const { userId, erasureId } = event.data;
    await database.join(tx, (joined) => forgetUser(joined, userId));
    await outbox.append(tx, [
      {
        definition: erased.payment,
        subject: userId,
        aggregateVersion: event.aggregateversion,
        data: { userId, erasureId },
      },
    ]);
  });

/** Repeats the erasure for people with a concurrent payment, and then deletes their ids. */
export const erasureSweepJob = (database: PaymentDatabase): Job => ({
  name: 'payment.sweep-erased-users',
  everyMs: 60_000,
  async run() {
    const { rows } = await database.query<{ userId: string }>(findReappeared);
    for (const { userId } of rows) await database.transaction((tx) => forgetUser(tx, userId));
    await database.query(pruneErased);
  },
});
