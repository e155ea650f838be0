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
import type { Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import type { Logger } from '@bulkhead/telemetry/logger';
import { post } from '../ledger/post';
import { attentionAtKept, attentionKept } from './attention';
import type { Move } from './decide';
import { graceForAsker } from './lease';
import type { MoneyMetrics } from './money-metrics';
import { type Payment, paymentColumns } from './payment';
import { assertLegal, inBetween } from './transitions';

export interface RecordDependencies {
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly money: MoneyMetrics;
  readonly logger: Logger;
}

/**
 * Compare-and-set on (status, version). Where something is left to do, it is due soon (a buyer who has to act gets a
 * while); where the payment rests, its lease ends, and with it the provider's token for the means of payment goes.
 */
const moveStatement = {
  name: 'payment-move',
  text: `update payments set status = $4, version = version + 1, updated_at = now(), tries = 0,
      reason = coalesce($5, reason), next_action_url = $6, captured = captured + $7, refunded = refunded + $8,
      payment_method = case when $4 in ('unknown', 'voiding') then payment_method end,
      waiting_since = case when $4 = 'unknown' then waiting_since else now() end,
      needs_attention_at = coalesce(${attentionAtKept}, case when $10::text is not null then now() end),
      attention = coalesce(${attentionKept}, $10),
      due_at = case when $4 = any($9) then now() + case when $4 = 'requires_action' then interval '30 s' else ${graceForAsker} end end,
      lease = case when $4 = any($9) and $4 <> 'requires_action' then lease end
    where id = $1 and status = $2 and version = $3
    returning ${paymentColumns}`,
};

/** Makes one legal move with its ledger entries and events. @throws Error when the payment has moved meanwhile */
export async function applyMove(
  tx: Transaction,
  payment: Payment,
  move: Move,
  { outbox, ids, money }: RecordDependencies,
): Promise<Payment> {
  assertLegal(payment.status, move.to);
  const { captured = 0, refunded = 0, reason = null, nextActionUrl = null, attention = null } = move;
  const { id, status, version, currency } = payment;
  const { rows } = await tx.query<Payment>({
    ...moveStatement,
    values: [id, status, version, move.to, reason, nextActionUrl, captured, refunded, inBetween, attention],
  });
  const moved = rows[0];
  if (!moved) throw new Error('the payment has moved while it was locked');

  if (captured > 0)
    await post(tx, { id: ids.next(), paymentId: id, kind: 'capture', amount: captured, currency });
  if (refunded !== 0) {
    const kind = refunded > 0 ? 'refund' : 'refund-reversal';
    await post(tx, { id: ids.next(), paymentId: id, kind, amount: Math.abs(refunded), currency });
  }
  await outbox.append(tx, eventsOf(moved, move));
  tx.afterCommit(() => money.moved(move, currency));
  return moved;
}

function eventsOf(payment: Payment, move: Move): NewEvent[] {
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
