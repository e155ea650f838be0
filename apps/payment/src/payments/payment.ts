import type { PaymentState, PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Queryable } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import type { Payment as StoredPayment } from '../generated/prisma/client';
import type { Attention } from './attention';

/** The database row of a payment. */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string | null;
  readonly provider: string;
  readonly status: PaymentStatus;
  readonly reason: string | null;
  readonly nextActionUrl: string | null;
  readonly currency: string;
  /** Minor units, like all amounts here. */
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly paymentMethod: string | null;
  readonly providerReference: string | null;
  readonly version: number;
  readonly tries: number;
  readonly needsAttentionAt: Date | null;
  readonly attention: Attention | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The columns of Payment, for `select` and `returning`. */
export const paymentColumns = `id, order_id as "orderId", user_id as "userId", provider, status, reason,
  next_action_url as "nextActionUrl", currency, amount, captured, refunded, payment_method as "paymentMethod",
  provider_reference as "providerReference", version, tries, needs_attention_at as "needsAttentionAt", attention,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** A payment as the client reads it. */
export const toPayment = (row: StoredPayment): Payment => ({
  ...row,
  status: row.status as PaymentStatus,
  attention: row.attention as Attention | null,
  amount: Number(row.amount),
  captured: Number(row.captured),
  refunded: Number(row.refunded),
});

/** ISO 4217 for "no currency": for a payment that was voided before it was requested. */
export const noCurrency = 'XXX';

/** A payment as order sees it. */
export const toState = (payment: Payment): PaymentState => ({
  paymentId: payment.id,
  orderId: payment.orderId,
  status: payment.status,
  reason: payment.reason,
  nextAction:
    payment.status === 'requires_action' && payment.nextActionUrl !== null
      ? { type: 'redirect', url: payment.nextActionUrl }
      : null,
  captured: { amount: payment.captured, currency: payment.currency },
  refunded: { amount: payment.refunded, currency: payment.currency },
  version: payment.version,
});

export async function findByOrder(database: Queryable, orderId: string): Promise<Payment | undefined> {
  // On the hot path of each payment: the client prepares no statement.
  const { rows } = await database.query<Payment>({
    name: 'payment-by-order',
    text: `select ${paymentColumns} from payments where order_id = $1`,
    values: [orderId],
  });
  return rows[0];
}

/** @throws ProblemError not-found */
export async function getByOrder(database: Queryable, orderId: string): Promise<Payment> {
  const payment = await findByOrder(database, orderId);
  if (!payment) throw problem('not-found', 'There is no payment for this order.');
  return payment;
}

/** @throws Error when there is none: payments are never deleted */
export async function getById(database: Queryable, id: string): Promise<Payment> {
  // On the hot path of each payment: the client prepares no statement.
  const { rows } = await database.query<Payment>({
    name: 'payment-by-id',
    text: `select ${paymentColumns} from payments where id = $1`,
    values: [id],
  });
  const [payment] = rows;
  if (!payment) throw new Error('a payment has disappeared');
  return payment;
}
