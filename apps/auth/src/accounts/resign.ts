import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { lastAdmin, lockAdmins } from './admins';

/**
 * Revokes the admin role of a person who is about to be erased, so that admins who leave concurrently see who is left.
 * Their sessions stay: the erasure ends them.
 * @throws ProblemError conflict for the last admin
 */
export async function resign(
  { database, ids }: Pick<Auth, 'database' | 'ids'>,
  accountId: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    const admins = await lockAdmins(tx, { actorId: accountId, accountId });
    if (!admins.account) return;
    if (!admins.others) throw lastAdmin();
    await tx.prisma.account.update({
      where: { id: accountId },
      data: { roles: ['customer'], version: { increment: 1 } },
    });
    await recordSecurityEvent(tx, ids, { kind: 'roles-changed', accountId });
  });
}
