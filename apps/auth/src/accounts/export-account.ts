import type { Auth } from '../auth';
import { maxSessions } from '../sessions/lifetimes';

/** Newest lines of the audit log that an export holds. */
const maxEvents = 900;

/** All that auth holds of a person, as plain records. */
export async function exportAccount({ database }: Auth, accountId: string) {
  const { prisma } = database;
  const account = await prisma.account.findFirst({ where: { id: accountId, erasedAt: null } });
  const newestFirst = { orderBy: { id: 'desc' } } as const;
  const sessions = await prisma.session.findMany({
    where: { accountId, revokedAt: null },
    ...newestFirst,
    take: maxSessions,
  });
  const events = await prisma.securityEvent.findMany({
    where: { accountId },
    ...newestFirst,
    take: maxEvents,
  });
  const records: Record<string, unknown>[] = [];
  if (account) {
    const { email, name, roles, createdAt, emailVerifiedAt } = account;
    records.push({ type: 'account', email, name, roles, createdAt, emailVerifiedAt });
  }
  for (const { id, createdAt, lastUsedAt, expiresAt, userAgent } of sessions)
    records.push({ type: 'session', id, createdAt, lastUsedAt, expiresAt, userAgent });
  for (const { at, kind } of events) records.push({ type: 'security-event', at, kind });
  return records;
}
