import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import type { Auth } from '../auth';

export interface SecurityEventQuery {
  readonly limit: number;
  /** Id of the last event of the page before. */
  readonly before: string | undefined;
  readonly userId: string | undefined;
}

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly kind: SecurityEventKind;
  readonly account_id: string;
  readonly actor_id: string | null;
  readonly session_id: string | null;
}

/** The audit log, newest first, of one person or of all. */
export async function listSecurityEvents({ database }: Auth, { limit, before, userId }: SecurityEventQuery) {
  const account = userId === undefined ? [] : [userId];
  const { rows } = await database.query<Row>({
    name: account.length > 0 ? 'security-events-of-account' : 'security-events',
    text: `select id, at, kind, account_id, actor_id, session_id from security_events
      where ($1::uuid is null or id < $1) ${account.length > 0 ? 'and account_id = $3' : ''}
      order by id desc limit $2`,
    values: [before ?? null, limit + 1, ...account],
  });
  const items = rows.slice(0, limit).map((row) => ({
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    userId: row.account_id,
    actorId: row.actor_id,
    sessionId: row.session_id,
  }));
  return { items, hasMore: rows.length > limit };
}
