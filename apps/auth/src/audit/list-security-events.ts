import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import type { Auth } from '../auth';

export interface SecurityEventQuery {
  readonly limit: number;
  /** Id of the last event of the previous page. */
  readonly before: string | undefined;
  readonly userId: string | undefined;
}

/** The audit log, newest first, of one person or of all. */
export async function listSecurityEvents({ database }: Auth, { limit, before, userId }: SecurityEventQuery) {
  const rows = await database.prisma.securityEvent.findMany({
    where: {
      ...(before !== undefined && { id: { lt: before } }),
      ...(userId !== undefined && { accountId: userId }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map(({ id, at, kind, accountId, actorId, sessionId }) => ({
    id,
    at: at.toISOString(),
    kind: kind as SecurityEventKind,
    userId: accountId,
    actorId,
    sessionId,
  }));
  return { items, hasMore: rows.length > limit };
}
