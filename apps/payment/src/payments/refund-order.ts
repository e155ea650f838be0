import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { applyMove } from './apply-move';
import { refuseWhileDisputed } from './disputes';
import { getByOrder, type Payment } from './payment';
import { lockPayment } from './record';
import { askedOf, leftToRefund, refundColumns, type RefundRow, refundsOf } from './refunds';
import { type PaymentDependencies, statusConflict } from './use-case';

/**
 * Refunds everything that was captured and is neither refunded nor pending.
 * @param round the order's decision to refund; undefined: earlier failures may be retried
 * @throws ProblemError not-found; conflict when nothing was captured, or when the refund of this round failed
 */
export async function refundOrder(
  dependencies: PaymentDependencies,
  { orderId, round }: { readonly orderId: string; readonly round?: number | undefined },
  deadline: Deadline,
): Promise<Payment> {
  const { database, engine } = dependencies;
  const { id } = await getByOrder(database, orderId);
  const { payment, refundId } = await database.transaction((tx) => begin(tx, id, round, dependencies));
  if (payment.captured === 0) throw statusConflict(payment.status, 'Nothing was captured.');
  const after = payment.status === 'refunding' ? await engine.advance(payment.id, deadline) : payment;
  const refund = refundId === undefined ? undefined : await refundById(database, refundId);
  if (refund?.status === 'failed')
    throw statusConflict(after.status, 'The money could not be given back.', refund.failure);
  return after;
}

/** @returns the payment as it is then, and the refund created by this round, now or before */
async function begin(
  tx: Transaction,
  paymentId: string,
  round: number | undefined,
  dependencies: PaymentDependencies,
): Promise<{ readonly payment: Payment; readonly refundId?: string }> {
  const payment = (await lockPayment(tx, paymentId))!;
  const refunds = await refundsOf(tx, paymentId);
  const asked = askedOf(refunds);
  const ofRound = await refundOfRound(tx, paymentId, round);
  if (ofRound && ofRound.status !== 'succeeded') return { payment, refundId: ofRound.id };
  // Another refund is in progress; the rest follows after it.
  if (asked) return asked.origin === 'order' ? { payment, refundId: asked.id } : { payment };
  const amount = leftToRefund(payment, refunds);
  if (amount === 0) return { payment };
  const refundId = dependencies.ids.next();
  const refund = { id: refundId, amount, origin: 'order', round } as const;
  return { payment: await beginRefund(tx, payment, refund, dependencies), refundId };
}

async function refundOfRound(
  tx: Transaction,
  paymentId: string,
  round: number | undefined,
): Promise<RefundRow | undefined> {
  if (round === undefined) return undefined;
  // Within a payment's transaction, which is SQL: the client would have to join it for one statement.
  const { rows } = await tx.query<RefundRow>({
    name: 'refund-of-round',
    text: `select ${refundColumns} from refunds where payment_id = $1 and round = $2 order by id desc limit 1`,
    values: [paymentId, round],
  });
  return rows[0];
}

export interface NewRefund {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly origin: 'order' | 'staff';
  readonly round?: number | undefined;
  readonly reason?: string | undefined;
  readonly requestedBy?: string;
  readonly idempotencyKey?: string;
  readonly requestHash?: string;
}

/**
 * Writes the intent to refund: the requested refund, and the payment's move.
 * @throws ProblemError conflict while the payment is disputed
 */
export async function beginRefund(
  tx: Transaction,
  locked: Payment,
  refund: NewRefund,
  dependencies: PaymentDependencies,
): Promise<Payment> {
  const { id, amount, origin, round, reason, requestedBy, idempotencyKey, requestHash } = refund;
  await refuseWhileDisputed(tx, locked);
  // Within a payment's transaction, which is SQL: the client would have to join it for one statement.
  const { rows } = await tx.query<RefundRow>({
    name: 'refund-begin',
    text: `insert into refunds (id, payment_id, amount, status, origin, round, reason, requested_by, idempotency_key,
        request_hash)
      values ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9) returning ${refundColumns}`,
    values: [id, locked.id, amount, origin, round, reason, requestedBy, idempotencyKey, requestHash],
  });
  return applyMove(tx, locked, { to: 'refunding', refund: { ...rows[0]!, accepted: false } }, dependencies);
}

export async function refundById(database: Queryable, id: string): Promise<RefundRow> {
  // On the hot path of a refund: the client prepares no statement.
  const { rows } = await database.query<RefundRow>({
    name: 'refund-by-id',
    text: `select ${refundColumns} from refunds where id = $1`,
    values: [id],
  });
  return rows[0]!;
}
