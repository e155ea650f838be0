import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import { databaseNow } from '@bulkhead/database/prisma';
import type { Ids } from '@bulkhead/service/ids';
import { recordSecurityEvent } from '../audit/record';
import type { AuthTransaction } from '../database';
import type { Purpose } from '../mail-tokens/mail-tokens';

interface Ending {
  /** Which sessions: the one that is named, all but that one, or all. */
  readonly sessions: 'one' | 'others' | 'all';
  /** Which links that were mailed. */
  readonly links: readonly Purpose[];
}

/**
 * What an act ends of all that was given out before it. With a session end its refresh tokens and its streams, and its
 * access tokens where the endpoint asks for a live session; elsewhere they go on to expire.
 */
const endings = {
  'signed-out': { sessions: 'one', links: [] },
  'session-revoked': { sessions: 'one', links: [] },
  'refresh-token-reused': { sessions: 'one', links: [] },
  // Who signs out everywhere fears that somebody else is in; so does who changes the password.
  'signed-out-everywhere': { sessions: 'all', links: ['password-reset'] },
  'password-changed': { sessions: 'others', links: ['password-reset'] },
  'password-reset': { sessions: 'all', links: ['password-reset'] },
  // Nobody gets more rights, or keeps those that were lost, by a session or link from before.
  'roles-changed': { sessions: 'all', links: ['password-reset'] },
  erased: { sessions: 'all', links: ['password-reset', 'email-verification'] },
} as const satisfies Partial<Record<SecurityEventKind | 'signed-out-everywhere', Ending>>;

export type EndingAct = keyof typeof endings;

/**
 * Ends what an act ends, and notes the act in the audit log; part of the transaction of the act.
 *
 * Invariant: nothing that was given out before the act, or in a transaction that ends before this one, outlives it. Who
 * signs in or makes a link holds the account's row until commit, and so does this, before it looks for what there is.
 * @param subject whose access; `sessionId` is the session that ends, or that stays where the act ends the others
 * @returns false, and notes nothing, when the act ends one session and that had ended already
 */
export async function endAccess(
  tx: AuthTransaction,
  ids: Ids,
  act: EndingAct,
  subject: { readonly accountId: string; readonly sessionId?: string; readonly actorId?: string },
): Promise<boolean> {
  const { accountId, sessionId } = subject;
  const { sessions, links }: Ending = endings[act];
  if (sessions !== 'one')
    // The client cannot lock a row.
    await tx.query({
      name: 'access-lock',
      text: 'select from accounts where id = $1 for update',
      values: [accountId],
    });
  const ended = await tx.prisma.session.updateManyAndReturn({
    where: {
      accountId,
      revokedAt: null,
      expiresAt: { gt: databaseNow },
      ...(sessions === 'one' && { id: sessionId! }),
      ...(sessions === 'others' && sessionId !== undefined && { id: { not: sessionId } }),
    },
    data: { revokedAt: databaseNow },
    select: { id: true },
  });
  if (sessions === 'one' && ended.length === 0) return false;
  if (links.length > 0)
    await tx.prisma.oneTimeToken.deleteMany({ where: { accountId, purpose: { in: [...links] } } });
  if (act === 'signed-out-everywhere')
    for (const { id } of ended)
      await recordSecurityEvent(tx, ids, { kind: 'session-revoked', accountId, sessionId: id });
  else await recordSecurityEvent(tx, ids, { kind: act, ...subject });
  return true;
}
