import { normaliseEmail } from '../accounts/email';
import { accountColumns, type AccountRow, toAccount } from '../accounts/account';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { problem } from '@bulkhead/service/errors';
import { openSession } from './open-session';
import { type Client, toTokens } from './tokens';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/**
 * Signs in. What is unknown and what is wrong take the same time and give the same answer.
 * @throws ProblemError invalid-credentials, rate-limited; BulkheadFull
 */
export async function login(auth: Auth, credentials: Credentials, client: Client) {
  const { database, ids, passwords, attempts } = auth;
  const email = normaliseEmail(credentials.email);
  await attempts.begin(email, client.address);

  const found = await database.query<{ id: string; password_hash: string }>({
    name: 'login-account',
    text: 'select id, password_hash from accounts where email = $1',
    values: [email],
  });
  const account = found.rows[0];
  const matches = await passwords.verify(credentials.password, account?.password_hash);
  if (!account || !matches) {
    if (account) await recordSecurityEvent(database, ids, { kind: 'sign-in-failed', accountId: account.id });
    throw problem('invalid-credentials');
  }

  const signedIn = await database.transaction(async (tx) => {
    // Still the hash that was checked? The lock keeps a reset of the password, which ends all sessions, from overlooking
    // this one.
    const { rows } = await tx.query<AccountRow>({
      name: 'login-confirm',
      text: `select ${accountColumns} from accounts where id = $1 and password_hash = $2 for share`,
      values: [account.id, account.password_hash],
    });
    if (!rows[0]) throw problem('invalid-credentials');
    const sessionId = ids.next();
    const session = await openSession(tx, { sessionId, accountId: account.id, userAgent: client.userAgent });
    await recordSecurityEvent(tx, ids, { kind: 'signed-in', accountId: account.id, sessionId });
    return { account: rows[0], ...session };
  });
  await attempts.succeeded(email, client.address);
  return { user: toAccount(signedIn.account), tokens: await toTokens(auth, signedIn) };
}
