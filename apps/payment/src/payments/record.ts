import type { Database, Queryable, Transaction } from '@bulkhead/database/database';
import type { ProviderCharge } from '../providers/provider';
import { applyMove, type RecordDependencies } from './apply-move';
import { flagForAttention } from './attention';
import { finishAttempt } from './attempts';
import type { Batches } from './batches';
import { type Contradiction, contradictionOf, isNoMatter, isOfAnotherCharge } from './contradiction';
import { decide, type Move } from './decide';
import { recordDisputes } from './disputes';
import { afterMove } from './after-move';
import { type Payment, paymentColumns } from './payment';
import { recordRefund } from './record-refund';
import { refundNews } from './refund-news';
import { refundsOf } from './refunds';

/**
 * The row of a payment, locked until the transaction ends: decisions based on it are still valid when they are written.
 */
export async function lockPayment(tx: Transaction, id: string): Promise<Payment | undefined> {
  // The client cannot lock a row.
  const { rows } = await tx.query<Payment>({
    name: 'payment-lock',
    text: `select ${paymentColumns} from payments where id = $1 for update`,
    values: [id],
  });
  return rows[0];
}

export interface RecordingDependencies extends RecordDependencies {
  readonly database: Database;
  readonly batches: Pick<Batches, 'moves'>;
}

/**
 * Makes a payment agree with its provider's response. Usually that is one plain move, or none, of a payment that has
 * not changed since it was read: one statement. Otherwise the payment is locked, read again and compared in a
 * transaction.
 * @param attempt that the provider responded to: it is done, with everything that is written about it
 * @returns the payment as it is then
 */
export async function recordResponse(
  payment: Payment,
  charge: ProviderCharge,
  dependencies: RecordingDependencies,
  attempt?: string,
): Promise<Payment> {
  const { database, batches } = dependencies;
  const { reference } = charge;
  const plain = plainMove(payment, charge);
  if (plain) {
    const recorded = plain.move
      ? await batches.moves.submit({ payment, move: plain.move, along: { reference, attempt } })
      : await agree(database, payment, reference, attempt);
    if (recorded) return recorded;
  }
  return database.transaction(async (tx) => {
    const locked = await lockPayment(tx, payment.id);
    if (!locked) throw new Error('a payment has disappeared');
    if (attempt !== undefined) await finishAttempt(tx, attempt, 'done');
    return recordCharge(tx, locked, charge, dependencies);
  });
}

/**
 * The effect of a charge on a payment without captured money, if it reports neither refunds nor disputes: at most one
 * move. Undefined if more has to be read to decide.
 */
export function plainMove(
  payment: Payment,
  charge: ProviderCharge,
): { readonly move: Move | undefined } | undefined {
  if (payment.captured > 0 || charge.refunds.length > 0 || (charge.disputes?.length ?? 0) > 0)
    return undefined;
  if (isNoMatter(payment, charge) || contradictionOf(payment, charge)) return undefined;
  const move = decide(payment, charge);
  if (move && decide({ ...afterMove(payment, move), providerReference: charge.reference }, charge))
    return undefined;
  return { move };
}

/**
 * The provider uses this reference for the payment. @returns undefined when the payment has changed since it was read
 */
async function agree(
  db: Queryable,
  { id, version, providerReference }: Payment,
  reference: string,
  attempt?: string,
): Promise<Payment | undefined> {
  // The client cannot write two tables in one statement, the second only where the first was written.
  const { rows } = await db.query<Payment>({
    name: 'payment-agree',
    text: `with agreed as (
        update payments set provider_reference = $4
        where id = $1 and version = $2 and provider_reference is not distinct from $3
        returning *
      ), finished as (
        update provider_attempts set finished_at = now(), outcome = 'done'
        from agreed where provider_attempts.id = $5
      )
      select ${paymentColumns} from agreed`,
    values: [id, version, providerReference, reference, attempt],
  });
  return rows[0];
}

/**
 * Makes a locked payment agree with its provider's report: status, ledger, refunds and events in one transaction.
 * Idempotent. An impossible report changes nothing, and an operator has to look.
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
    payment = await applyMove(tx, payment, move, dependencies, { reference: charge.reference });
  if (payment.captured > 0)
    for (const change of news) payment = await recordRefund(tx, payment, change, dependencies);

  return payment.providerReference === charge.reference
    ? payment
    : (await agree(tx, payment, charge.reference))!;
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
      'payment needs attention: the provider reported an impossible state, which was not recorded',
    );
  });
}
