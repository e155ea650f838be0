import { userRegistered } from '@bulkhead/contracts/auth/events';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { endAccess } from '../sessions/end-access';
import { normaliseEmail } from './email';

export interface AdminCredentials {
  readonly email: string;
  readonly password: string;
}

/**
 * Makes sure that there is an account with this address and the role admin. The password counts only when the account
 * is made: a restart must not bring back one that was changed. Safe to run on several replicas at once.
 */
export async function seedAdmin({ database, outbox, ids, passwords }: Auth, credentials: AdminCredentials) {
  const email = normaliseEmail(credentials.email);
  const known = await database.prisma.account.findFirst({
    where: { email, roles: { has: 'admin' } },
    select: { id: true },
  });
  if (known) return;
  const passwordHash = await passwords.hash(credentials.password);
  await database.transaction(async (tx) => {
    // The client cannot update on a condition where a row is there already.
    const { rows } = await tx.query<{ id: string; version: number }>({
      text: `insert into accounts as account (id, email, email_verified_at, name, password_hash, roles)
        values ($1, $2, now(), 'Administrator', $3, array['customer', 'admin'])
        on conflict (email) do update
          set roles = array['customer', 'admin'], version = account.version + 1
          where not 'admin' = any (account.roles)
        returning id, version`,
      values: [ids.next(), email, passwordHash],
    });
    for (const { id, version } of rows) {
      const isNew = version === 1;
      if (isNew) await recordSecurityEvent(tx, ids, { kind: 'registered', accountId: id });
      else await endAccess(tx, ids, 'roles-changed', { accountId: id });
      if (isNew)
        await outbox.append(tx, [
          { definition: userRegistered, subject: id, aggregateVersion: 1, data: { userId: id } },
        ]);
    }
  });
}
