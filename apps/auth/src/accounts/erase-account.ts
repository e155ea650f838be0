import { authErased } from '@bulkhead/contracts/profile/events';
import type { Transaction } from '@bulkhead/database/database';
import type { Auth } from '../auth';
import { endAccess } from '../sessions/end-access';

/**
 * Forgets a person: nobody can sign in as them any more, and only their id is left. Answers also when there is nothing
 * (left) to forget, so that an erasure asked for twice comes to its end.
 */
export async function eraseAccount(
  { outbox, ids }: Pick<Auth, 'outbox' | 'ids'>,
  tx: Transaction,
  { userId, erasureId }: { readonly userId: string; readonly erasureId: string },
): Promise<void> {
  const erased = await tx.query<{ version: number }>({
    text: `update accounts set email = null, email_verified_at = null, name = null, name_read_at = null,
        password_hash = null, roles = array[]::text[], verification_mail_at = null, reset_mail_at = null,
        erased_at = now(), version = version + 1
      where id = $1 and erased_at is null returning version`,
    values: [userId],
  });
  if (erased.rowCount > 0) await endAccess(tx, ids, 'erased', { accountId: userId });
  await tx.query({ text: 'delete from sessions where account_id = $1', values: [userId] });
  await tx.query({ text: 'delete from one_time_tokens where account_id = $1', values: [userId] });
  await outbox.append(tx, [
    {
      definition: authErased,
      subject: userId,
      aggregateVersion: erased.rows[0]?.version ?? 0,
      data: { userId, erasureId },
    },
  ]);
}
