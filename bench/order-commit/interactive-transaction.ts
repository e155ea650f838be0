import type { PrismaClient } from '@bulkhead/app/order/src/generated/prisma/client';
import { placedEvent, type NewOrder } from '@bulkhead/app/order/src/place/write-orders';
import { createQuietOutbox } from '../outbox';

const outbox = createQuietOutbox('order');

interface OutboxRow {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly payload: object;
}

/** The same rows, written as Prisma's guide to interactive transactions has it: one awaited call a table. */
export const commitInInteractiveTransaction = (prisma: PrismaClient) => (order: NewOrder) =>
  prisma.$transaction(
    async (tx) => {
      const { orderId, lines, total } = order;
      const { userId, scope, key, fingerprint } = order.use;
      const now = Date.now();
      const erased = await tx.erasedUser.findUnique({ where: { userId } });
      if (erased) throw new Error('the account is gone');
      await tx.idempotencyKey.create({
        data: {
          userId,
          scope,
          key,
          fingerprint: new Uint8Array(fingerprint),
          orderId,
          leaseUntil: new Date(now + 3_500),
          expiresAt: new Date(now + 86_400_000),
        },
      });
      await tx.order.create({
        data: {
          id: orderId,
          userId,
          state: 'placed',
          totalAmount: total.amount,
          currency: total.currency,
          expiresAt: new Date(now + 900_000),
          paymentMethod: order.paymentMethod,
          leaseOwner: order.leaseOwner,
          dueAt: new Date(now + order.leaseMs),
        },
      });
      await tx.orderLine.createMany({
        data: lines.map((line, index) => ({ orderId, position: index + 1, ...line })),
      });
      await tx.orderTransition.create({
        data: { orderId, sequence: 1, state: 'placed', at: new Date(now) },
      });
      await tx.outbox.createMany({ data: JSON.parse(outbox.rows([placedEvent(order)])) as OutboxRow[] });
    },
    { maxWait: 10_000, timeout: 10_000 },
  );
