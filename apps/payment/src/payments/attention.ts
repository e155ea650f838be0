import type { Queryable } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { PaymentDatabase } from '../database';

/** Why an operator has to look at a payment; see paymentApi. */
export const attentions = [
  'unanswered',
  'capture-refused',
  'captured-unasked',
  'refund-failed',
  'disputed',
  'contradicted',
] as const;
export type Attention = (typeof attentions)[number];

/**
 * In an `update payments`: a reason stays until an operator has handled it. Only silence ends with the next response.
 */
export const attentionAtKept = `case when attention <> 'unanswered' then needs_attention_at end`;
export const attentionKept = `nullif(attention, 'unanswered')`;

/** Requests an operator; the first reason other than silence is kept. */
export const flagForAttention = async (
  db: Queryable,
  paymentId: string,
  attention: Attention,
): Promise<void> => {
  // The client cannot decide by the row's own values.
  await db.query({
    name: 'payment-attention',
    text: `update payments set needs_attention_at = coalesce(${attentionAtKept}, now()),
        attention = coalesce(${attentionKept}, $2) where id = $1`,
    values: [paymentId, attention],
  });
};

/**
 * An operator has looked: the reason is cleared.
 * @throws ProblemError not-found
 */
export async function acknowledge({ prisma }: PaymentDatabase, paymentId: string): Promise<void> {
  const { count } = await prisma.payment.updateMany({
    where: { id: paymentId },
    data: { needsAttentionAt: null, attention: null },
  });
  if (count === 0) throw problem('not-found', 'There is no such payment.');
}
