import type { DataOf } from '@bulkhead/contracts/event';
import { orderRefundFailed, orderRefundPaid } from '@bulkhead/contracts/order/events';
import type { refundUpdated } from '@bulkhead/contracts/payment/events';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { OrderTransaction } from '../database';
import type { Saga } from '../saga/saga';
import { buyerOf } from '../saga/saga-events';
import { recordRefund } from './show-refund.sql';

export type RefundNews = DataOf<typeof refundUpdated> & { readonly version: number };

/**
 * Shows a refund on its order and publishes it once: that it was paid, unless the order's outcome implies it, and that
 * it failed, if the buyer expects the money.
 * @param saga locked, so that no other refund changes the published total meanwhile
 */
export async function showRefund(
  outbox: Outbox,
  tx: OrderTransaction,
  saga: Saga,
  news: RefundNews,
): Promise<void> {
  const { refundId, orderId, amount, status, origin, accepted, version } = news;
  const values = [refundId, orderId, amount.amount, status, origin, version];
  const { rowCount } = await tx.query({ ...recordRefund, values });
  if (rowCount === 0 || status === 'pending') return;

  const about = { subject: orderId, aggregateVersion: saga.version };
  const data = { ...buyerOf(saga), refundId, amount };
  if (status === 'failed') {
    if (accepted || origin === 'order')
      await outbox.append(tx, [{ ...about, definition: orderRefundFailed, data }]);
    return;
  }
  if (origin === 'order') return;
  const refunded = await tx.prisma.orderRefund.aggregate({
    where: { orderId, status: 'succeeded' },
    _sum: { amount: true },
  });
  const refundedTotal = { ...amount, amount: Number(refunded._sum.amount ?? 0) };
  const total = { refundedTotal, total: saga.total };
  await outbox.append(tx, [{ ...about, definition: orderRefundPaid, data: { ...data, ...total } }]);
}
