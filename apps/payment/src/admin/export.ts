import type { Queryable } from '@bulkhead/database/database';
import { type Payment, paymentColumns } from '../payments/payment';

const mostExported = 1000;

/** What is kept of a person's payments, newest first. */
export async function exportPayments(
  database: Queryable,
  userId: string,
): Promise<Record<string, unknown>[]> {
  const { rows } = await database.query<Payment>({
    text: `select ${paymentColumns} from payments where user_id = $1 order by id desc limit ${mostExported}`,
    values: [userId],
  });
  return rows.map(({ id, orderId, status, reason, amount, captured, refunded, currency, createdAt }) => ({
    kind: 'payment',
    id,
    orderId,
    status,
    reason,
    amount: { amount, currency },
    captured: { amount: captured, currency },
    refunded: { amount: refunded, currency },
    createdAt: createdAt.toISOString(),
  }));
}
