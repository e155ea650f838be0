import { Prisma } from '../generated/prisma/client';
import type { PaymentTransaction } from '../database';

/**
 * Forgets a person: payments and ledger keep the amounts, and no row says any more whose they were. May be repeated.
 */
export async function forgetUser({ prisma }: PaymentTransaction, userId: string): Promise<void> {
  await prisma.erasedUser.createMany({ data: { userId }, skipDuplicates: true });
  await prisma.payment.updateMany({ where: { userId }, data: { userId: null, nextActionUrl: null } });
  await prisma.refund.updateMany({
    where: { requestedBy: userId },
    data: { requestedBy: null, reason: null, answer: Prisma.DbNull },
  });
}
