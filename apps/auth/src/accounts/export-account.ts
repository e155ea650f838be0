import type { Auth } from '../auth';
import { maxSessions } from '../sessions/lifetimes';

/** Maximum number of audit log entries in an export, newest first. */
const maxEvents = 900;

/** All data that auth stores about a person, as plain records. */
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
