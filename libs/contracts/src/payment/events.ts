import { z } from 'zod';
import { defineEvent } from '../event';
import { RefundStatus } from '../order/api';
import { Id, Money } from '../primitives';
import { RefundOrigin } from './api';

const payment = { paymentId: Id, orderId: Id };
const amount = Money;

export const paymentAuthorised = defineEvent({
  type: 'payment.authorised.v1',
  source: 'payment',
  description: 'The money is held for the order.',
  data: z.object({ ...payment, amount }),
});

export const paymentDeclined = defineEvent({
  type: 'payment.declined.v1',
  source: 'payment',
  description: 'The provider declined; final for this payment.',
  data: z.object({ ...payment, reason: z.string() }),
});

export const paymentCaptured = defineEvent({
  type: 'payment.captured.v1',
  source: 'payment',
  description: 'The money was taken.',
  data: z.object({ ...payment, amount }),
});

export const paymentVoided = defineEvent({
  type: 'payment.voided.v1',
  source: 'payment',
  description: 'The hold was released; nothing was taken.',
  data: z.object(payment),
});

export const paymentActionRequired = defineEvent({
  type: 'payment.action-required.v1',
  source: 'payment',
  description: 'The buyer has to confirm the payment before the money can be held.',
  data: z.object(payment),
});

export const paymentFailed = defineEvent({
  type: 'payment.failed.v1',
  source: 'payment',
  description: 'The provider refused to capture what it had authorised.',
  data: z.object({ ...payment, reason: z.string() }),
});

export const paymentRefunded = defineEvent({
  type: 'payment.refunded.v1',
  source: 'payment',
  description: 'Money went back: `amount` this time, `refundedTotal` in all.',
  data: z.object({ ...payment, amount, refundedTotal: amount, refundId: Id.optional() }),
});

export const refundUpdated = defineEvent({
  type: 'refund.updated.v1',
  source: 'payment',
  description:
    'A refund was begun, has succeeded or has failed; the latter also after it had succeeded. An older one is known by ' +
    'its `aggregateversion`.',
  data: z.object({
    ...payment,
    refundId: Id,
    amount,
    status: RefundStatus,
    origin: RefundOrigin,
    accepted: z
      .boolean()
      .describe('whether the provider had accepted it before; if not, nobody has been notified of it yet'),
  }),
});
