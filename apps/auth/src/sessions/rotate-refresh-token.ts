import type { Role } from '@bulkhead/contracts/endpoint';
import { refreshTokenSeconds, sessionSeconds } from './lifetimes';

/** The session of an exchanged refresh token. */
export interface RotatedSession {
  readonly session_id: string;
  readonly account_id: string;
  readonly roles: Role[];
}

/**
 * The client cannot write several tables in one statement, the later from the first.
 *
 * Consumes a refresh token and stores its successor, in one statement.
 *
 * Invariant: a token is used once, so a session has at most one unused token. Of concurrent requests one updates the
 * token's row; the others wait for it, see `used_at` set, and get no row. Neither do expired tokens, nor those of a
 * revoked session, even if it is revoked while this runs. $1 hash of the token, $2 hash of its successor, $3 lifetime
 * of a token, $4 lifetime of a session (seconds)
 */
export const rotateRefreshToken = (hash: Buffer, successorHash: Buffer) => ({
  name: 'refresh-token-rotate',
  text: `with used as (
      update refresh_tokens as token set used_at = clock_timestamp()
      from sessions as session
      where token.hash = $1 and token.used_at is null and token.expires_at > now()
        and session.id = token.session_id and session.revoked_at is null
      returning session.id, least(now() + make_interval(secs => $3::float8),
        session.created_at + make_interval(secs => $4::float8)) as expires_at
    ), successor as (
      insert into refresh_tokens (hash, session_id, expires_at) select $2, id, expires_at from used
    )
    update sessions as session set last_used_at = now(), expires_at = used.expires_at
    from used, accounts as account
    where session.id = used.id and session.revoked_at is null and account.id = session.account_id
    returning session.id as session_id, account.id as account_id, account.roles`,
  values: [hash, successorHash, refreshTokenSeconds, sessionSeconds],
});
