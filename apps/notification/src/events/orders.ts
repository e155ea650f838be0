import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribeInBatches } from '@bulkhead/messaging/subscription';
import type { Notify } from '../inbox/notify';

/** The events of orders and their payments, and the mail that each sends to the buyer. */
const templateOf = {
  'order.confirmed.v1': 'order-confirmed',
  'order.rejected.v1': 'order-rejected',
  'order.cancelled.v1': 'order-cancelled',
  'order.expired.v1': 'order-expired',
  'order.refunded.v1': 'order-refunded',
  'order.refund-paid.v1': 'refund-paid',
  'order.refund-failed.v1': 'refund-failed',
} as const;

export const createOrderEvents = (notify: Notify) =>
  subscribeInBatches(subscriptions.notificationOrders, (events, { tx }) =>
    notify(
      tx,
      events
        // The order has ended, but there is nobody left to notify.
        .filter(({ data }) => !data.buyerErased)
        .map(({ id, type, data: { userId, buyerErased: _, ...facts }, traceparent }) => ({
          eventId: id,
          userId,
          template: templateOf[type],
          facts,
          traceparent,
        })),
    ),
  );
