import type { Deadline } from '@bulkhead/resilience/deadline';
import type { Transaction } from '@bulkhead/database/database';
import type { Payment } from './payment';
import { applyMove, lockPayment } from './record';
import { advanced, getByOrder, type PaymentDependencies, statusConflict } from './use-case';

/**
 * Gives back all that was captured and is not yet given back.
 * @throws ProblemError not-found; conflict when nothing was captured, or when the provider refuses
 */
export async function refundOrder(
  dependencies: PaymentDependencies,
  orderId: string,
  deadline: Deadline,
): Promise<Payment> {
  const { database } = dependencies;
  const { id } = await getByOrder(database, orderId);
  const payment = await database.transaction(async (tx) => {
    const locked = (await lockPayment(tx, id))!;
    if (locked.status !== 'captured' && locked.status !== 'partially_refunded') return locked;
    const amount = locked.captured - locked.refunded;
    return beginRefund(tx, locked, { id: dependencies.ids.next(), amount }, dependencies);
  });
  if (payment.status === 'refunded') return payment;
  if (payment.status !== 'refunding') throw statusConflict(payment.status, 'Nothing was captured.');
  const after = await advanced(dependencies, payment, deadline);
  if (
    after.status === 'captured' ||
    (after.status === 'partially_refunded' && after.refunded === payment.refunded)
  )
    throw statusConflict(
      after.status,
      'The provider refused to give the money back.',
      await lastFailure(dependencies, id),
    );
  return after;
}

export interface NewRefund {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly reason?: string | undefined;
  readonly requestedBy?: string;
  readonly idempotencyKey?: string;
  readonly requestHash?: string;
}

/** Writes the intent to give back: the refund on its way, and the payment's move. */
export async function beginRefund(
  tx: Transaction,
  locked: Payment,
  refund: NewRefund,
  dependencies: PaymentDependencies,
): Promise<Payment> {
  const { id, amount, reason, requestedBy, idempotencyKey, requestHash } = refund;
  await tx.query({
    name: 'refund-begin',
    text: `insert into refunds (id, payment_id, amount, status, reason, requested_by, idempotency_key, request_hash)
      values ($1, $2, $3, 'pending', $4, $5, $6, $7)`,
    values: [id, locked.id, amount, reason, requestedBy, idempotencyKey, requestHash],
  });
  return applyMove(tx, locked, { to: 'refunding' }, dependencies);
}

async function lastFailure({ database }: PaymentDependencies, paymentId: string): Promise<string | null> {
  const { rows } = await database.query<{ failure: string | null }>({
    name: 'refund-last-failure',
    text: `select failure from refunds where payment_id = $1 order by id desc limit 1`,
    values: [paymentId],
  });
  return rows[0]?.failure ?? null;
}
