import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import type { Ids } from '@bulkhead/service/ids';
import type { AuthTransaction } from '../database';

export interface SecurityEventRecord {
  readonly kind: SecurityEventKind;
  readonly accountId: string;
  /** Who did it, where that is another person. */
  readonly actorId?: string;
  readonly sessionId?: string;
}

/** Writes a line of the audit log; within the transaction of what it tells of. */
export async function recordSecurityEvent(
  { prisma }: Pick<AuthTransaction, 'prisma'>,
  ids: Ids,
  { kind, accountId, actorId, sessionId }: SecurityEventRecord,
): Promise<void> {
  await prisma.securityEvent.create({
    data: { id: ids.next(), kind, accountId, actorId: actorId ?? null, sessionId: sessionId ?? null },
  });
}
