import type { Transaction } from '@bulkhead/database/database';
import type { ProviderCharge } from '../providers/provider';
import { applyMove, type RecordDependencies } from './apply-move';
import { flagForAttention } from './attention';
import { type Contradiction, contradictionOf, isNoMatter, isOfAnotherCharge } from './contradiction';
import { decide } from './decide';
import { recordDisputes } from './disputes';
import { type Payment, paymentColumns } from './payment';
import { recordRefund } from './record-refund';
import { refundNews } from './refund-news';
import { refundsOf } from './refunds';

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
 * Makes a locked payment agree with what its provider tells: status, ledger, refunds and events in one transaction. Told
 * again, it changes nothing. What cannot be true changes nothing either, and a person has to look.
 */
export async function recordCharge(
  tx: Transaction,
  locked: Payment,
  charge: ProviderCharge,
  dependencies: RecordDependencies,
): Promise<Payment> {
  if (isNoMatter(locked, charge)) return locked;
  if (charge.disputes && !isOfAnotherCharge(locked, charge))
    await recordDisputes(tx, locked, charge.disputes, dependencies);
  const contradiction = contradictionOf(locked, charge);
  const news =
    contradiction ??
    refundNews(await refundsOf(tx, locked.id), charge.refunds, Math.max(locked.captured, charge.captured));
  if (typeof news === 'string') {
    await flagContradiction(tx, locked, contradiction ?? 'refunded-too-much', dependencies);
    return locked;
  }
  let payment = locked;
  for (let move = decide(payment, charge); move; move = decide(payment, charge))
    payment = await applyMove(tx, payment, move, dependencies);
  if (payment.captured > 0)
    for (const change of news) payment = await recordRefund(tx, payment, change, dependencies);

  if (payment.providerReference === charge.reference) return payment;
  const { rows } = await tx.query<Payment>({
    name: 'payment-reference',
    text: `update payments set provider_reference = $2 where id = $1 returning ${paymentColumns}`,
    values: [payment.id, charge.reference],
  });
  return rows[0]!;
}

async function flagContradiction(
  tx: Transaction,
  { id: paymentId, orderId }: Payment,
  contradiction: Contradiction,
  { logger, money }: RecordDependencies,
): Promise<void> {
  await flagForAttention(tx, paymentId, 'contradicted');
  tx.afterCommit(() => {
    money.contradicted(contradiction);
    logger.error(
      { paymentId, orderId, reason: contradiction },
      'payment needs attention: the provider tells what cannot be, and nothing of it was written',
    );
  });
}
