import type { NewEvent } from '@bulkhead/contracts/event';
import {
  paymentAuthorised,
  paymentCaptured,
  paymentDeclined,
  paymentRefunded,
  paymentVoided,
} from '@bulkhead/contracts/payment/events';
import type { Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import { post } from '../ledger/post';
import type { ProviderCharge } from '../providers/provider';
import { decide, type Move } from './decide';
import { type Payment, paymentColumns } from './payment';
import type { MoneyMetrics } from './money-metrics';
import { settlePendingRefund } from './refunds';
import { assertLegal, inBetween } from './transitions';
import { graceForAsker } from './lease';

export interface RecordDependencies {
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly money: MoneyMetrics;
}

/** The row of a payment, locked until the transaction ends: what is decided on it is still true when it is written. */
export async function lockPayment(tx: Transaction, id: string): Promise<Payment | undefined> {
  const { rows } = await tx.query<Payment>({
    name: 'payment-lock',
    text: `select ${paymentColumns} from payments where id = $1 for update`,
    values: [id],
  });
  return rows[0];
}

/**
 * Makes a locked payment agree with what its provider tells: status, ledger, refund and events in one transaction. Told
 * again, it changes nothing.
 */
export async function recordCharge(
  tx: Transaction,
  locked: Payment,
  charge: ProviderCharge,
  dependencies: RecordDependencies,
): Promise<Payment> {
  let payment = locked;
  for (;;) {
    const pending = await pendingRefundAmount(tx, payment);
    const move = decide(payment, pending, charge);
    if (!move) break;
    payment = await applyMove(tx, payment, move, dependencies);
  }
  if (payment.providerReference === charge.reference) return payment;
  const { rows } = await tx.query<Payment>({
    name: 'payment-reference',
    text: `update payments set provider_reference = $2 where id = $1 returning ${paymentColumns}`,
    values: [payment.id, charge.reference],
  });
  return rows[0]!;
}

async function pendingRefundAmount(tx: Transaction, { id, status }: Payment): Promise<number | undefined> {
  if (status !== 'refunding') return undefined;
  const { rows } = await tx.query<{ amount: number }>({
    name: 'refund-pending-amount',
    text: `select amount from refunds where payment_id = $1 and status = 'pending'`,
    values: [id],
  });
  return rows[0]?.amount;
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
      needs_attention_at = case when $4 = 'failed' then now() end,
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
  const { captured = 0, refunded = 0, reason = null, nextActionUrl = null } = move;
  const { id, status, version, currency } = payment;
  const { rows } = await tx.query<Payment>({
    ...moveStatement,
    values: [id, status, version, move.to, reason, nextActionUrl, captured, refunded, inBetween],
  });
  const moved = rows[0];
  if (!moved) throw new Error('the payment has moved while it was locked');

  if (captured > 0)
    await post(tx, { id: ids.next(), paymentId: id, kind: 'capture', amount: captured, currency });
  if (refunded > 0) {
    await post(tx, { id: ids.next(), paymentId: id, kind: 'refund', amount: refunded, currency });
    await settlePendingRefund(tx, moved, refunded, ids);
  }
  await outbox.append(tx, eventsOf(moved, move));
  tx.afterCommit(() => money.moved(move.to, currency, captured, refunded));
  return moved;
}

function eventsOf(payment: Payment, { to, captured = 0, refunded = 0 }: Move): NewEvent[] {
  const { id: paymentId, orderId, currency, version: aggregateVersion } = payment;
  const about = { subject: paymentId, aggregateVersion };
  const ids = { paymentId, orderId };
  const money = (amount: number) => ({ amount, currency });
  if (captured > 0)
    return [{ ...about, definition: paymentCaptured, data: { ...ids, amount: money(payment.captured) } }];
  if (refunded > 0) {
    const data = { ...ids, amount: money(refunded), refundedTotal: money(payment.refunded) };
    return [{ ...about, definition: paymentRefunded, data }];
  }
  if (to === 'authorised')
    return [{ ...about, definition: paymentAuthorised, data: { ...ids, amount: money(payment.amount) } }];
  if (to === 'declined')
    return [
      { ...about, definition: paymentDeclined, data: { ...ids, reason: payment.reason ?? 'declined' } },
    ];
  if (to === 'voided') return [{ ...about, definition: paymentVoided, data: ids }];
  return [];
}
