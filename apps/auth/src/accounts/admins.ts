import type { Transaction } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';

/**
 * Reads who is an admin and blocks every other change of roles until the transaction ends, so that when admins demote
 * each other, or leave, concurrently, the last one stays.
 * @returns whether the actor is one, the account is one, and there is another
 */
export async function lockAdmins(
  tx: Transaction,
  { actorId, accountId }: { readonly actorId: string; readonly accountId: string },
): Promise<{ readonly actor: boolean; readonly account: boolean; readonly others: boolean }> {
  // The client has no advisory locks.
  await tx.query({ text: `select pg_advisory_xact_lock(hashtext('roles'))` });
  // The client does not find the index of admins by `has`.
  const { rows } = await tx.query<{ actor: boolean; account: boolean; others: boolean }>({
    text: `select coalesce(bool_or(id = $1), false) as actor, coalesce(bool_or(id = $2), false) as account,
        coalesce(bool_or(id <> $2), false) as others
      from accounts where 'admin' = any (roles)`,
    values: [actorId, accountId],
  });
  return rows[0]!;
}

export const lastAdmin = () =>
  problem(
    'conflict',
    'The shop must keep at least one administrator. Grant the role to another account first.',
  );
