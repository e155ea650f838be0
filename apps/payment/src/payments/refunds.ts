import type { Refund } from '@bulkhead/contracts/payment/api';
import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { Ids } from '@bulkhead/service/ids';
import type { Payment } from './payment';

export interface RefundRow {
  readonly id: string;
  readonly amount: number;
  readonly status: Refund['status'];
  readonly reason: string | null;
  readonly failure: string | null;
  readonly createdAt: Date;
}

export const refundColumns = `id, amount, status, reason, failure, created_at as "createdAt"`;

export const toRefund = (row: RefundRow, currency: string): Refund => ({
  id: row.id,
  amount: { amount: row.amount, currency },
  status: row.status,
  reason: row.reason,
  failure: row.failure,
  createdAt: row.createdAt.toISOString(),
});

export async function pendingRefundOf(
  database: Queryable,
  paymentId: string,
): Promise<RefundRow | undefined> {
  const { rows } = await database.query<RefundRow>({
    name: 'refund-pending',
    text: `select ${refundColumns} from refunds where payment_id = $1 and status = 'pending'`,
    values: [paymentId],
  });
  return rows[0];
}

/** The reason of a refund that nobody asked us for. */
export const givenBackAtProvider = 'given back at the provider';

/**
 * `refunded` minor units have gone back: the refund on its way has succeeded if they cover it; what is beyond it was
 * given back at the provider itself, and gets a row of its own.
 */
export async function settlePendingRefund(
  tx: Transaction,
  payment: Payment,
  refunded: number,
  ids: Ids,
): Promise<void> {
  const { rows } = await tx.query<{ amount: number }>({
    name: 'refund-settle',
    text: `update refunds set status = 'succeeded', settled_at = now()
      where payment_id = $1 and status = 'pending' and amount <= $2 returning amount`,
    values: [payment.id, refunded],
  });
  const external = refunded - (rows[0]?.amount ?? 0);
  if (external === 0) return;
  await tx.query({
    name: 'refund-external',
    text: `insert into refunds (id, payment_id, amount, status, reason, settled_at)
      values ($1, $2, $3, 'succeeded', '${givenBackAtProvider}', now())`,
    values: [ids.next(), payment.id, external],
  });
}

/** The provider will not give it back; nothing has moved. */
export const failPendingRefund = async (
  tx: Transaction,
  paymentId: string,
  failure: string,
): Promise<void> => {
  await tx.query({
    name: 'refund-fail',
    text: `update refunds set status = 'failed', failure = $2, settled_at = now()
      where payment_id = $1 and status = 'pending'`,
    values: [paymentId, failure],
  });
};
