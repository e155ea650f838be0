import type { Role } from '@bulkhead/contracts/endpoint';
import { problem } from '@bulkhead/service/errors';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { accountColumns, type AccountRow, toAccount } from './account';

/**
 * Sets the roles of an account.
 * @throws ProblemError not-found; forbidden when the actor is no admin any more; conflict when no admin would be left
 */
export async function setRoles(
  { database, ids }: Auth,
  change: { readonly actorId: string; readonly accountId: string; readonly roles: readonly Role[] },
) {
  const { actorId, accountId } = change;
  const roles = [...new Set(change.roles)].sort();
  return database.transaction(async (tx) => {
    // One change at a time: two admins who demote each other at once must not both succeed.
    await tx.query({ text: `select pg_advisory_xact_lock(hashtext('roles'))` });
    const { rows } = await tx.query<{ actor: boolean; others: boolean }>({
      text: `select bool_or(id = $1) as actor, bool_or(id <> $2) as others
        from accounts where 'admin' = any (roles)`,
      values: [actorId, accountId],
    });
    if (!rows[0]?.actor) throw problem('forbidden', 'This needs the role admin.');
    const updated = await tx.query<AccountRow>({
      text: `update accounts set roles = $2, version = version + 1 where id = $1 and erased_at is null
        returning ${accountColumns}`,
      values: [accountId, roles],
    });
    if (!updated.rows[0]) throw problem('not-found');
    if (!roles.includes('admin') && !rows[0].others) throw problem('conflict', 'The shop needs an admin.');
    await recordSecurityEvent(tx, ids, { kind: 'roles-changed', accountId, actorId });
    return toAccount(updated.rows[0]);
  });
}
