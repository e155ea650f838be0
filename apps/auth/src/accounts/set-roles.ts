import type { Role } from '@bulkhead/contracts/endpoint';
import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import { endAccess } from '../sessions/end-access';
import { accountColumns, type AccountRow, toAccount } from './account';
import { lastAdmin, lockAdmins } from './admins';

/**
 * Sets the roles of an account; if they change, all its sessions end.
 * @throws ProblemError not-found; forbidden when the actor is no longer an admin; conflict when no admin would be left
 */
export async function setRoles(
  { database, ids }: Auth,
  change: { readonly actorId: string; readonly accountId: string; readonly roles: readonly Role[] },
) {
  const { actorId, accountId } = change;
  const roles = [...new Set(change.roles)].sort();
  return database.transaction(async (tx) => {
    const admins = await lockAdmins(tx, change);
    if (!admins.actor) throw problem('forbidden', 'This requires the admin role.');
    // The client cannot lock a row.
    const found = await tx.query<AccountRow>({
      text: `select ${accountColumns} from accounts where id = $1 and erased_at is null for update`,
      values: [accountId],
    });
    const account = found.rows[0];
    if (!account) throw problem('not-found');
    if (!roles.includes('admin') && !admins.others) throw lastAdmin();
    if ([...account.roles].sort().join() === roles.join()) return toAccount(account);
    await tx.prisma.account.update({
      where: { id: accountId },
      data: { roles, version: { increment: 1 } },
    });
    await endAccess(tx, ids, 'roles-changed', { accountId, actorId });
    return toAccount({ ...account, roles });
  });
}
