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
 * Ensures that there is an account with this address and the admin role. The password only applies when the account is
 * created: a restart must not restore a changed one. Safe to run on several replicas concurrently.
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
    // The client cannot update an existing row on a condition.
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
