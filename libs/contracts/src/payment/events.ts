import { z } from 'zod';
import { defineEvent } from '../event';
import { Amount, CurrencyCode, Id } from '../primitives';

const payment = { paymentId: Id, orderId: Id };
const amount = z.object({ amount: Amount, currency: CurrencyCode });

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

export const paymentRefunded = defineEvent({
  type: 'payment.refunded.v1',
  source: 'payment',
  description: 'Money went back: `amount` this time, `refundedTotal` in all.',
  data: z.object({ ...payment, amount, refundedTotal: amount }),
});
