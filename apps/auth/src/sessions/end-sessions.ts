import { problem } from '@bulkhead/service/errors';
import type { Auth } from '../auth';
import { hashToken } from '../secrets';
import { endAccess } from './end-access';

/** Signs out: ends the session of a refresh token, if it is valid. */
export async function logout({ database, ids }: Auth, refreshToken: string): Promise<void> {
  await database.transaction(async (tx) => {
    const token = await tx.prisma.refreshToken.findUnique({
      where: { hash: new Uint8Array(hashToken(refreshToken)) },
      select: { session: { select: { id: true, accountId: true } } },
    });
    if (!token) return;
    const { id: sessionId, accountId } = token.session;
    await endAccess(tx, ids, 'signed-out', { accountId, sessionId });
  });
}

/** Ends one of the account's own sessions. @throws ProblemError not-found */
export async function revokeSession(
  { database, ids }: Auth,
  session: { readonly accountId: string; readonly sessionId: string },
): Promise<void> {
  await database.transaction(async (tx) => {
    if (!(await endAccess(tx, ids, 'session-revoked', session))) throw problem('not-found');
  });
}

/** Signs out everywhere. */
export async function revokeSessions({ database, ids }: Auth, accountId: string): Promise<void> {
  await database.transaction(
    async (tx) => void (await endAccess(tx, ids, 'signed-out-everywhere', { accountId })),
  );
}
