import type { Queryable } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { hashToken } from '../secrets';

/** Signs out: ends the session of a refresh token, if it is one. */
export async function logout({ database, ids }: Auth, refreshToken: string): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string; account_id: string }>({
      name: 'session-logout',
      text: `update sessions as session set revoked_at = now()
        from refresh_tokens as token
        where token.hash = $1 and session.id = token.session_id and session.revoked_at is null
        returning session.id, session.account_id`,
      values: [hashToken(refreshToken)],
    });
    for (const { id, account_id } of rows)
      await recordSecurityEvent(tx, ids, { kind: 'signed-out', accountId: account_id, sessionId: id });
  });
}

/** Ends one of the account's own sessions. @throws ProblemError not-found */
export async function revokeSession(
  { database, ids }: Auth,
  { accountId, sessionId }: { readonly accountId: string; readonly sessionId: string },
): Promise<void> {
  await database.transaction(async (tx) => {
    const { rowCount } = await tx.query({
      name: 'session-revoke',
      text: `update sessions set revoked_at = now()
        where id = $1 and account_id = $2 and revoked_at is null and expires_at > now()`,
      values: [sessionId, accountId],
    });
    if (rowCount === 0) throw problem('not-found');
    await recordSecurityEvent(tx, ids, { kind: 'session-revoked', accountId, sessionId });
  });
}

/** Ends all sessions of an account, but one where that is given. */
export async function revokeSessions(
  tx: Queryable,
  accountId: string,
  exceptSessionId?: string,
): Promise<void> {
  await tx.query({
    name: 'sessions-revoke',
    text: `update sessions set revoked_at = now()
      where account_id = $1 and revoked_at is null and id is distinct from $2::uuid`,
    values: [accountId, exceptSessionId ?? null],
  });
}
