import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import { hashToken } from '../secrets';
import { endAccess } from './end-access';
import { reuseGraceSeconds } from './lifetimes';
import { type RotatedSession, rotateRefreshToken } from './rotate-refresh-token';
import { toTokens } from './tokens';

/**
 * Exchanges a refresh token for new tokens (rotation with reuse detection, RFC 9700 §4.14.2). Within 10 s of its first
 * use a token returns the same successor again; later use ends the session, since one of two holders has stolen it.
 * @throws ProblemError invalid-token
 */
export async function refresh(auth: Auth, refreshToken: string) {
  const successors = auth.secrets.successorsOf(refreshToken);
  const hash = hashToken(refreshToken);
  const rotated = await auth.database.query<RotatedSession>(
    rotateRefreshToken(hash, hashToken(successors[0])),
  );
  const [session, successor] = rotated.rows[0]
    ? [rotated.rows[0], successors[0]]
    : await sessionOfUsedToken(auth, hash, successors);
  return toTokens(auth, {
    account: { id: session.account_id, roles: session.roles },
    sessionId: session.session_id,
    refreshToken: successor,
  });
}

interface UsedToken extends RotatedSession {
  readonly used: boolean;
  readonly just_now: boolean;
  /** The hash of the stored successor, if a current secret derives it. */
  readonly successor: Buffer | null;
}

/** The effect of a token that could not be rotated: its successor again, or the end of its session. */
async function sessionOfUsedToken(
  auth: Auth,
  hash: Buffer,
  successors: readonly string[],
): Promise<[RotatedSession, string]> {
  // The client cannot compare with a time before now.
  const { rows } = await auth.database.query<UsedToken>({
    name: 'refresh-token-used',
    text: `select session.id as session_id, account.id as account_id, account.roles,
        token.used_at is not null as used,
        coalesce(token.used_at > clock_timestamp() - make_interval(secs => $3::float8), false) as just_now,
        (select hash from refresh_tokens where hash = any ($2) and session_id = session.id) as successor
      from refresh_tokens as token
      join sessions as session on session.id = token.session_id
      join accounts as account on account.id = session.account_id
      where token.hash = $1 and token.expires_at > now() and session.revoked_at is null`,
    values: [hash, successors.map(hashToken), reuseGraceSeconds],
  });
  const token = rows[0];
  const successor = successors.find((each) => token?.successor?.equals(hashToken(each)));
  // If its successor is not stored, the secret was changed within these 10 s.
  if (token?.just_now && successor !== undefined) return [token, successor];
  if (token?.used && !token.just_now) await endStolenSession(auth, token);
  throw problem('invalid-token', 'The refresh token is no longer valid. Sign in.');
}

async function endStolenSession(
  { database, ids }: Auth,
  { session_id, account_id }: UsedToken,
): Promise<void> {
  await database.transaction(
    async (tx) =>
      void (await endAccess(tx, ids, 'refresh-token-reused', {
        accountId: account_id,
        sessionId: session_id,
      })),
  );
}
