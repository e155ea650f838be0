import type { PaymentStatus, Refund } from '@bulkhead/contracts/payment/api';
import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { Refund as StoredRefund } from '../generated/prisma/client';
import type { Payment } from './payment';

export interface RefundRow {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly status: Refund['status'];
  readonly origin: Refund['origin'];
  readonly reason: string | null;
  readonly failure: string | null;
  /** The provider's id of it; null until it has accepted it. */
  readonly providerReference: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** The reason of a refund that was not requested here. */
export const givenBackAtProvider = 'given back at the provider';

/** A refund that was written before refunds had an origin was requested by order. */
export const refundColumns = `id, amount, status, coalesce(origin, 'order') as origin, reason, failure,
  provider_reference as "providerReference", version, created_at as "createdAt", settled_at as "settledAt"`;

/** A refund as the client reads it. */
export const toRefundRow = (row: StoredRefund): RefundRow => ({
  ...row,
  amount: Number(row.amount),
  status: row.status as RefundRow['status'],
  origin: (row.origin ?? 'order') as RefundRow['origin'],
});

export const toRefund = (row: RefundRow, currency: string): Refund => ({
  id: row.id,
  amount: { amount: row.amount, currency },
  status: row.status,
  origin: row.origin,
  reason: row.reason,
  failure: row.failure,
  createdAt: row.createdAt.toISOString(),
  settledAt: row.settledAt?.toISOString() ?? null,
});

/**
 * All refunds of a payment, oldest first: each takes a part of what was captured, or has failed and needs an operator.
 */
export async function refundsOf(database: Queryable, paymentId: string): Promise<RefundRow[]> {
  // On the hot path of each refund: the client prepares no statement.
  const { rows } = await database.query<RefundRow>({
    name: 'refunds-of-payment',
    text: `select ${refundColumns} from refunds where payment_id = $1 order by id`,
    values: [paymentId],
  });
  return rows;
}

/** The next refund to request from the provider: at most one per payment. */
export const askedOf = (refunds: readonly RefundRow[]): RefundRow | undefined =>
  refunds.find(({ status, providerReference }) => status === 'pending' && providerReference === null);

/** Minor units that can still be refunded. */
export const leftToRefund = ({ captured }: Payment, refunds: readonly RefundRow[]): number =>
  captured - sumOf(refunds, 'pending', 'succeeded');

/** The status of a captured payment, derived from its refunds. */
export function statusWith({ captured }: Payment, refunds: readonly RefundRow[]): PaymentStatus {
  if (refunds.some(({ status }) => status === 'pending')) return 'refunding';
  const refunded = sumOf(refunds, 'succeeded');
  if (refunded === 0) return 'captured';
  return refunded === captured ? 'refunded' : 'partially_refunded';
}

const sumOf = (refunds: readonly RefundRow[], ...statuses: Refund['status'][]): number =>
  refunds.reduce((sum, { amount, status }) => (statuses.includes(status) ? sum + amount : sum), 0);

/** Writes the status of a refund. @returns it as it is then */
export async function settle(
  tx: Transaction,
  id: string,
  to: Pick<RefundRow, 'status' | 'failure' | 'providerReference'>,
): Promise<RefundRow> {
  // The client cannot keep an existing value of a row.
  const { rows } = await tx.query<RefundRow>({
    name: 'refund-settle',
    text: `update refunds set status = $2, failure = $3, provider_reference = coalesce($4, provider_reference),
        version = version + 1, settled_at = case when $2 <> 'pending' then now() end
      where id = $1 returning ${refundColumns}`,
    values: [id, to.status, to.failure, to.providerReference],
  });
  return rows[0]!;
}
