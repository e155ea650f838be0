import type { PaymentDatabase } from '../database';
import { toPayment } from '../payments/payment';

const maxExported = 1000;

/** A person's stored payments, newest first. */
export async function exportPayments(
  { prisma }: PaymentDatabase,
  userId: string,
): Promise<Record<string, unknown>[]> {
  const rows = await prisma.payment.findMany({
    where: { userId },
    orderBy: { id: 'desc' },
    take: maxExported,
  });
  return rows
    .map(toPayment)
    .map(({ id, orderId, status, reason, amount, captured, refunded, currency, createdAt }) => ({
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
