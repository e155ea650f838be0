import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import { hashToken } from '../secrets';
import { endAccess } from './end-access';

/** Signs out: ends the session of a refresh token, if it is one. */
export async function logout({ database, ids }: Auth, refreshToken: string): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx.query<{ session_id: string; account_id: string }>({
      name: 'session-of-token',
      text: `select session.id as session_id, session.account_id
        from refresh_tokens as token join sessions as session on session.id = token.session_id
        where token.hash = $1`,
      values: [hashToken(refreshToken)],
    });
    for (const { session_id: sessionId, account_id: accountId } of rows)
      await endAccess(tx, ids, 'signed-out', { accountId, sessionId });
  });
}

/** Ends one of the account's own sessions. @throws ProblemError not-found */
export async function revokeSession(
  { database, ids }: Auth,
  session: { readonly accountId: string; readonly sessionId: string },
): Promise<void> {
  await database.transaction(async (tx) => {
    if (!(await endAccess(tx, ids, 'session-revoked', session))) throw problem('not-found');
  });
}

/** Signs out everywhere. */
export async function revokeSessions({ database, ids }: Auth, accountId: string): Promise<void> {
  await database.transaction(
    async (tx) => void (await endAccess(tx, ids, 'signed-out-everywhere', { accountId })),
  );
}
