import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import type { Queryable } from '@bulkhead/database/database';
import type { Ids } from '@bulkhead/service/ids';

export interface SecurityEventRecord {
  readonly kind: SecurityEventKind;
  readonly accountId: string;
  /** Who did it, where that is another person. */
  readonly actorId?: string;
  readonly sessionId?: string;
}

/** Writes a line of the audit log; within the transaction of what it tells of. */
export async function recordSecurityEvent(
  tx: Queryable,
  ids: Ids,
  { kind, accountId, actorId, sessionId }: SecurityEventRecord,
): Promise<void> {
  await tx.query({
    name: 'security-event-insert',
    text: `insert into security_events (id, kind, account_id, actor_id, session_id) values ($1, $2, $3, $4, $5)`,
    values: [ids.next(), kind, accountId, actorId ?? null, sessionId ?? null],
  });
}
