import { normaliseEmail } from '../accounts/email';
import { accountColumns, type AccountRow, toAccount } from '../accounts/account';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { problem } from '@bulkhead/service/errors';
import { renewHash } from '../passwords/renew-hash';
import { openSession } from './open-session';
import { type Client, toTokens } from './tokens';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/**
 * Signs in. An unknown address and a wrong password take the same time and get the same response.
 * @throws ProblemError invalid-credentials, rate-limited; BulkheadFull
 */
export async function login(auth: Auth, credentials: Credentials, client: Client) {
  const { database, ids, passwords, attempts } = auth;
  const email = normaliseEmail(credentials.email);
  await attempts.begin(email, client.address);

  const account = await database.prisma.account.findUnique({
    where: { email },
    select: { id: true, passwordHash: true },
  });
  const matches = await passwords.verify(credentials.password, account?.passwordHash ?? undefined);
  if (!account || !matches) {
    if (account) await recordSecurityEvent(database, ids, { kind: 'sign-in-failed', accountId: account.id });
    throw problem('invalid-credentials');
  }

  const signedIn = await database.transaction(async (tx) => {
    // The client cannot lock a row. Checks that the verified password is still current: the lock keeps a password
    // reset, which ends all sessions, from missing this one.
    const { rows } = await tx.query<AccountRow & { password_hash: string | null }>({
      name: 'login-confirm',
      text: `select ${accountColumns}, password_hash from accounts where id = $1 for share`,
      values: [account.id],
    });
    const hash = rows[0]?.password_hash ?? undefined;
    // Another hash may be of the same password: a concurrent sign-in renewed it.
    const isConfirmed = hash === account.passwordHash || (await passwords.verify(credentials.password, hash));
    if (!rows[0] || !isConfirmed) throw problem('invalid-credentials');
    const sessionId = ids.next();
    const session = await openSession(tx, { sessionId, accountId: account.id, userAgent: client.userAgent });
    await recordSecurityEvent(tx, ids, { kind: 'signed-in', accountId: account.id, sessionId });
    return { account: rows[0], ...session };
  });
  await attempts.succeeded(email, client.address);
  await renewHash(auth, account, credentials.password);
  return { user: toAccount(signedIn.account), tokens: await toTokens(auth, signedIn) };
}
