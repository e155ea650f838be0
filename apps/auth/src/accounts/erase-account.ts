import { databaseNow } from '@bulkhead/database/prisma';
import { erased } from '@bulkhead/contracts/profile/erased';
import type { Auth } from '../auth';
import type { AuthTransaction } from '../database';
import { endAccess } from '../sessions/end-access';

/**
 * Erases a person: nobody can sign in as them any more, and only their id is left. Responds even if nothing is left to
 * erase, so that a repeated erasure completes.
 */
export async function eraseAccount(
  { outbox, ids }: Pick<Auth, 'outbox' | 'ids'>,
  tx: AuthTransaction,
  { userId, erasureId }: { readonly userId: string; readonly erasureId: string },
): Promise<void> {
  const [account] = await tx.prisma.account.updateManyAndReturn({
    where: { id: userId, erasedAt: null },
    data: {
      email: null,
      emailVerifiedAt: null,
      name: null,
      nameReadAt: null,
      passwordHash: null,
      roles: [],
      verificationMailAt: null,
      resetMailAt: null,
      erasedAt: databaseNow,
      version: { increment: 1 },
    },
    select: { version: true },
  });
  if (account) await endAccess(tx, ids, 'erased', { accountId: userId });
  await tx.prisma.session.deleteMany({ where: { accountId: userId } });
  await tx.prisma.oneTimeToken.deleteMany({ where: { accountId: userId } });
  await outbox.append(tx, [
    {
      definition: erased.auth,
      subject: userId,
      aggregateVersion: account?.version ?? 0,
      data: { userId, erasureId },
    },
  ]);
}
