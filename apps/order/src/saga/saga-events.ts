import type { EventDefinition, NewEvent } from '@bulkhead/contracts/event';
import {
  orderCancelled,
  orderConfirmed,
  orderExpired,
  orderNeedsAttention,
  orderRefunded,
  orderRejected,
} from '@bulkhead/contracts/order/events';
import type { Move, Saga } from './saga';

/** Events of a transition: each outcome exactly once, and when an operator is needed. */
export function eventsOf(saga: Saga, { to, reason }: Move): NewEvent<EventDefinition>[] {
  const about = { subject: saga.id, aggregateVersion: saga.version + 1 };
  const order = buyerOf(saga);
  switch (to) {
    case 'confirmed':
      return [{ ...about, definition: orderConfirmed, data: { ...order, total: saga.total } }];
    case 'rejected':
      return [{ ...about, definition: orderRejected, data: { ...order, reason } }];
    case 'cancelled':
      return [{ ...about, definition: orderCancelled, data: order }];
    case 'expired':
      return [{ ...about, definition: orderExpired, data: order }];
    case 'refunded':
      return [{ ...about, definition: orderRefunded, data: { ...order, total: saga.total } }];
    case 'needs_attention':
      return [
        {
          ...about,
          definition: orderNeedsAttention,
          data: { ...order, state: saga.state, reason: reason ?? 'unknown' },
        },
      ];
    default:
      return [];
  }
}

/** The buyer in an order's events; for an erased buyer it says that nobody is to be notified. */
export const buyerOf = ({ id, userId, buyerErased }: Saga) => ({
  orderId: id,
  userId,
  ...(buyerErased ? { buyerErased: true } : {}),
});
