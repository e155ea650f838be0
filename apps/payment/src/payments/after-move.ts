import type { Move } from './decide';
import type { Payment } from './payment';

/** The published part of a payment after a move. */
export const afterMove = (payment: Payment, { to, reason, captured = 0, refunded = 0 }: Move): Payment => ({
  ...payment,
  status: to,
  version: payment.version + 1,
  reason: reason ?? payment.reason,
  captured: payment.captured + captured,
  refunded: payment.refunded + refunded,
});
