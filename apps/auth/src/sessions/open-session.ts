import { randomBytes } from 'node:crypto';
import type { Transaction } from '@bulkhead/database/database';
import { hashToken } from '../secrets';
import { maxSessions, refreshTokenSeconds } from './lifetimes';

export interface OpenedSession {
  readonly sessionId: string;
  readonly refreshToken: string;
}

/** Creates a session with its first refresh token, as part of the transaction that authenticated its user. */
export async function openSession(
  tx: Transaction,
  {
    sessionId,
    accountId,
    userAgent,
  }: { readonly sessionId: string; readonly accountId: string; readonly userAgent: string | undefined },
): Promise<OpenedSession> {
  const refreshToken = randomBytes(32).toString('base64url');
  // The client cannot calculate a time from now.
  await tx.query({
    name: 'session-open',
    text: `with session as (
        insert into sessions (id, account_id, user_agent, expires_at)
        values ($1, $2, $3, now() + make_interval(secs => $5::float8))
        returning id, expires_at
      )
      insert into refresh_tokens (hash, session_id, expires_at) select $4, id, expires_at from session`,
    values: [sessionId, accountId, asLabel(userAgent), hashToken(refreshToken), refreshTokenSeconds],
  });
  // The client cannot select rows by their rank. Never this session, whatever the clock was when its transaction began.
  await tx.query({
    name: 'session-cap',
    text: `update sessions set revoked_at = now() where id in (
        select id from sessions where account_id = $1 and revoked_at is null and expires_at > now() and id <> $3
        order by last_used_at desc, id desc offset $2)`,
    values: [accountId, maxSessions - 1, sessionId],
  });
  return { sessionId, refreshToken };
}

/** Sent by the client, so truncated and limited to visible characters. */
const asLabel = (userAgent: string | undefined): string | null =>
  userAgent
    ?.replaceAll(/[^\x20-\x7e]/g, '')
    .slice(0, 200)
    .trim() || null;
