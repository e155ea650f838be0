import { databaseNow } from '@bulkhead/database/prisma';
import type { Auth } from '../auth';
import { maxSessions } from './lifetimes';

/** The live sessions of an account, most recently used first. */
export async function listSessions(
  { database }: Auth,
  { accountId, currentSessionId }: { readonly accountId: string; readonly currentSessionId: string },
) {
  const rows = await database.prisma.session.findMany({
    where: { accountId, revokedAt: null, expiresAt: { gt: databaseNow } },
    orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
    take: maxSessions,
  });
  return rows.map(({ id, createdAt, lastUsedAt, expiresAt, userAgent }) => ({
    id,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    userAgent,
    current: id === currentSessionId,
  }));
}
