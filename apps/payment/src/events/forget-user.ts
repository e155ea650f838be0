import { Prisma } from '../generated/prisma/client';
import type { PaymentTransaction } from '../database';

/** Removes a person from payments and ledger, which keep the amounts. Idempotent. */
export async function forgetUser({ prisma }: PaymentTransaction, userId: string): Promise<void> {
  await prisma.erasedUser.createMany({ data: { userId }, skipDuplicates: true });
  await prisma.payment.updateMany({ where: { userId }, data: { userId: null, nextActionUrl: null } });
  await prisma.refund.updateMany({
    where: { requestedBy: userId },
    data: { requestedBy: null, reason: null, answer: Prisma.DbNull },
  });
}
