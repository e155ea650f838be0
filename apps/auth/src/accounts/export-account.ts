import type { Auth } from '../auth';
import { maxSessions } from '../sessions/lifetimes';

/** Newest lines of the audit log that an export holds. */
const maxEvents = 900;

/** All that auth holds of a person, as plain records. */
export async function exportAccount({ database }: Auth, accountId: string) {
  const { rows } = await database.query<{ record: Record<string, unknown> }>({
    text: `(select jsonb_build_object('type', 'account', 'email', email, 'name', name, 'roles', roles,
          'createdAt', created_at, 'emailVerifiedAt', email_verified_at) as record
        from accounts where id = $1 and erased_at is null)
      union all
      (select jsonb_build_object('type', 'session', 'id', id, 'createdAt', created_at,
          'lastUsedAt', last_used_at, 'expiresAt', expires_at, 'userAgent', user_agent)
        from sessions where account_id = $1 and revoked_at is null order by id desc limit $2)
      union all
      (select jsonb_build_object('type', 'security-event', 'at', at, 'kind', kind)
        from security_events where account_id = $1 order by id desc limit $3)`,
    values: [accountId, maxSessions, maxEvents],
  });
  return rows.map(({ record }) => record);
}
