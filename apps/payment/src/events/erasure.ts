import { paymentErased } from '@bulkhead/contracts/profile/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';

/** Forgets a person: payments and ledger keep the amounts, and nothing says any more whose they were. */
export const erasure = (outbox: Outbox) =>
  subscribe(subscriptions.paymentErasure, async (event, { tx }) => {
    const { userId, erasureId } = event.data;
    await tx.query({
      name: 'payment-erase-user',
      text: `update payments set user_id = null, next_action_url = null where user_id = $1`,
      values: [userId],
    });
    await tx.query({
      name: 'refund-erase-user',
      text: `update refunds set requested_by = null, reason = null, answer = null where requested_by = $1`,
      values: [userId],
    });
    await outbox.append(tx, [
      {
        definition: paymentErased,
        subject: userId,
        aggregateVersion: event.aggregateversion,
        data: { userId, erasureId },
      },
    ]);
  });
