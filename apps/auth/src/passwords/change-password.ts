import { passwordChanged } from '@bulkhead/contracts/auth/events';
import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import { endAccess } from '../sessions/end-access';
import type { Client } from '../sessions/tokens';
import { refuseCommonPassword } from './common-passwords';

export interface PasswordChange {
  readonly accountId: string;
  /** The current session, which stays. */
  readonly sessionId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Changes the password, ends all other sessions and invalidates mailed reset links. Attempts count like those at
 * sign-in.
 * @throws ProblemError invalid-credentials, rate-limited, invalid-request, not-found; conflict when it was changed
 *   meanwhile; BulkheadFull
 */
export async function changePassword(auth: Auth, change: PasswordChange, client: Client): Promise<void> {
  const { database, outbox, ids, passwords, attempts } = auth;
  const { accountId, sessionId, currentPassword, newPassword } = change;
  refuseCommonPassword(newPassword, 'newPassword');
  const account = await database.prisma.account.findFirst({
    where: { id: accountId, erasedAt: null },
    select: { email: true, passwordHash: true },
  });
  if (!account || account.email === null || account.passwordHash === null) throw problem('not-found');

  await attempts.begin(account.email, client.address);
  if (!(await passwords.verify(currentPassword, account.passwordHash)))
    throw problem('invalid-credentials', 'The current password is incorrect.');
  await attempts.succeeded(account.email, client.address);
  const newHash = await passwords.hash(newPassword);

  await database.transaction(async (tx) => {
    const [changed] = await tx.prisma.account.updateManyAndReturn({
      where: { id: accountId, passwordHash: account.passwordHash },
      data: { passwordHash: newHash, version: { increment: 1 } },
      select: { version: true },
    });
    if (!changed) throw problem('conflict', 'The password was changed by another request.');
    await endAccess(tx, ids, 'password-changed', { accountId, sessionId });
    await outbox.append(tx, [
      {
        definition: passwordChanged,
        subject: accountId,
        aggregateVersion: changed.version,
        data: { userId: accountId },
      },
    ]);
  });
}
