import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import type { Ids } from '@bulkhead/service/ids';
import type { AuthTransaction } from '../database';

export interface SecurityEventRecord {
  readonly kind: SecurityEventKind;
  readonly accountId: string;
  /** The actor, if that is another person. */
  readonly actorId?: string;
  readonly sessionId?: string;
}

/** Writes an audit log entry; within the transaction of the audited action. */
export async function recordSecurityEvent(
  { prisma }: Pick<AuthTransaction, 'prisma'>,
  ids: Ids,
  { kind, accountId, actorId, sessionId }: SecurityEventRecord,
): Promise<void> {
  await prisma.securityEvent.create({
    data: { id: ids.next(), kind, accountId, actorId: actorId ?? null, sessionId: sessionId ?? null },
  });
}
