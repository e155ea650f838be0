import type { NewEvent } from '@bulkhead/contracts/event';
import {
  paymentActionRequired,
  paymentAuthorised,
  paymentCaptured,
  paymentDeclined,
  paymentFailed,
  paymentRefunded,
  paymentVoided,
  refundUpdated,
} from '@bulkhead/contracts/payment/events';
import type { Move } from './decide';
import type { Payment } from './payment';

/** The events of a move. @param payment as it is after it */
export function eventsOf(payment: Payment, move: Move): NewEvent[] {
  const { to, captured = 0, refund } = move;
  const { id: paymentId, orderId, currency, version: aggregateVersion } = payment;
  const about = { subject: paymentId, aggregateVersion };
  const ids = { paymentId, orderId };
  const money = (amount: number) => ({ amount, currency });
  if (captured > 0)
    return [{ ...about, definition: paymentCaptured, data: { ...ids, amount: money(payment.captured) } }];
  if (refund) {
    const { id: refundId, amount, status, origin, accepted } = refund;
    const data = { ...ids, refundId, amount: money(amount), status, origin, accepted };
    const updated = { definition: refundUpdated, subject: refundId, aggregateVersion: refund.version, data };
    if (status !== 'succeeded') return [updated];
    const total = { ...ids, refundId, amount: money(amount), refundedTotal: money(payment.refunded) };
    return [updated, { ...about, definition: paymentRefunded, data: total }];
  }
  switch (to) {
    case 'authorised':
      return [{ ...about, definition: paymentAuthorised, data: { ...ids, amount: money(payment.amount) } }];
    case 'requires_action':
      return [{ ...about, definition: paymentActionRequired, data: ids }];
    case 'declined':
      return [
        { ...about, definition: paymentDeclined, data: { ...ids, reason: payment.reason ?? 'declined' } },
      ];
    case 'failed':
      return [{ ...about, definition: paymentFailed, data: { ...ids, reason: payment.reason ?? 'failed' } }];
    case 'voided':
      return [{ ...about, definition: paymentVoided, data: ids }];
    default:
      return [];
  }
}
