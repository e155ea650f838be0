import type { PrismaClient } from '@bulkhead/app/order/src/generated/prisma/client';
import type { NewOrder } from './new-order';

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
      const { orderId, userId, lines, total } = order;
      const now = Date.now();
      const erased = await tx.erasedUser.findUnique({ where: { userId } });
      if (erased) throw new Error('the account is gone');
      await tx.idempotencyKey.create({
        data: {
          userId,
          scope: order.scope,
          key: order.key,
          fingerprint: new Uint8Array(order.fingerprint),
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
          paymentMethod: 'tok_visa',
          leaseOwner: order.owner,
          dueAt: new Date(now + 5_000),
        },
      });
      await tx.orderLine.createMany({
        data: lines.map((line, index) => ({ orderId, position: index + 1, ...line })),
      });
      await tx.orderTransition.create({
        data: { orderId, sequence: 1, state: 'placed', at: new Date(now) },
      });
      await tx.outbox.createMany({ data: JSON.parse(order.events) as OutboxRow[] });
    },
    { maxWait: 10_000, timeout: 10_000 },
  );
