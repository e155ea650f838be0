import type { Auth } from '../auth';
import { maxSessions } from './lifetimes';

interface Row {
  readonly id: string;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
  readonly user_agent: string | null;
}

/** The live sessions of an account, last used first. */
export async function listSessions(
  { database }: Auth,
  { accountId, currentSessionId }: { readonly accountId: string; readonly currentSessionId: string },
) {
  const { rows } = await database.query<Row>({
    name: 'sessions-list',
    text: `select id, created_at, last_used_at, expires_at, user_agent from sessions
      where account_id = $1 and revoked_at is null and expires_at > now()
      order by last_used_at desc, id desc limit $2`,
    values: [accountId, maxSessions],
  });
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    userAgent: row.user_agent,
    current: row.id === currentSessionId,
  }));
}
