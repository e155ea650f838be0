import { z } from 'zod';
import { defineEvent } from '../event';
import { Id, Money, Sku } from '../primitives';

const total = Money;
const order = { orderId: Id, userId: Id };
/** Fields of every event after the first. */
const known = {
  ...order,
  buyerErased: z
    .boolean()
    .optional()
    .describe('true once the buyer was erased: `userId` is then meaningless, and nobody must be notified'),
};

export const orderPlaced = defineEvent({
  type: 'order.placed.v1',
  source: 'order',
  description: 'An order was accepted and its saga has begun.',
  data: z.object({
    ...order,
    total,
    lines: z.array(
      z
        .object({ sku: Sku, quantity: z.int().min(1) })
        .meta({ id: 'OrderedLine', description: 'Pieces of a SKU that were ordered' }),
    ),
  }),
});

export const orderConfirmed = defineEvent({
  type: 'order.confirmed.v1',
  source: 'order',
  description: 'The money is captured and the stock is the buyer’s.',
  data: z.object({ ...known, total }),
});

export const orderRejected = defineEvent({
  type: 'order.rejected.v1',
  source: 'order',
  description: 'The order could not be fulfilled; nothing is charged.',
  data: z.object({
    ...known,
    reason: z
      .enum(['out-of-stock', 'payment-declined'])
      .meta({ id: 'RejectionReason', description: 'Why an order was rejected' }),
  }),
});

export const orderCancelled = defineEvent({
  type: 'order.cancelled.v1',
  source: 'order',
  description: 'The buyer or an erasure cancelled the order before it was charged.',
  data: z.object(known),
});

export const orderExpired = defineEvent({
  type: 'order.expired.v1',
  source: 'order',
  description: 'The order was pending for too long; its stock is released and nothing is charged.',
  data: z.object(known),
});

export const orderRefunded = defineEvent({
  type: 'order.refunded.v1',
  source: 'order',
  description: 'The order was cancelled after it was charged; the money went back.',
  data: z.object({ ...known, total }),
});

export const orderRefundPaid = defineEvent({
  type: 'order.refund-paid.v1',
  source: 'order',
  description:
    'Money of the order went back to the buyer, in part or in whole, by staff or at the provider: `amount` this time, ' +
    '`refundedTotal` in all. The order stays what it is, and its stock is not put back.',
  data: z.object({ ...known, refundId: Id, amount: total, refundedTotal: total, total }),
});

export const orderRefundFailed = defineEvent({
  type: 'order.refund-failed.v1',
  source: 'order',
  description: 'A refund that the buyer counts on did not reach them, or came back.',
  data: z.object({ ...known, refundId: Id, amount: total }),
});

export const orderNeedsAttention = defineEvent({
  type: 'order.needs-attention.v1',
  source: 'order',
  description: 'The saga gave up; a person has to look.',
  data: z.object({ ...known, state: z.string(), reason: z.string() }),
});
