import type { SecurityEventKind } from '@bulkhead/contracts/auth/schemas';
import { databaseNow } from '@bulkhead/database/prisma';
import type { Ids } from '@bulkhead/service/ids';
import { recordSecurityEvent } from '../audit/record';
import type { AuthTransaction } from '../database';
import type { Purpose } from '../mail-tokens/mail-tokens';

interface Ending {
  /** Which sessions: the given one, all except that one, or all. */
  readonly sessions: 'one' | 'others' | 'all';
  /** Which mailed links. */
  readonly links: readonly Purpose[];
}

/**
 * The access issued earlier that an action ends. Ending a session ends its refresh tokens and its streams, and its
 * access tokens where the endpoint requires a live session; elsewhere those remain valid until they expire.
 */
const endings = {
  'signed-out': { sessions: 'one', links: [] },
  'session-revoked': { sessions: 'one', links: [] },
  'refresh-token-reused': { sessions: 'one', links: [] },
  // Signing out everywhere, or changing the password, suggests that somebody else may have access.
  'signed-out-everywhere': { sessions: 'all', links: ['password-reset'] },
  'password-changed': { sessions: 'others', links: ['password-reset'] },
  'password-reset': { sessions: 'all', links: ['password-reset'] },
  // Nobody may gain rights, or keep lost ones, through an earlier session or link.
  'roles-changed': { sessions: 'all', links: ['password-reset'] },
  erased: { sessions: 'all', links: ['password-reset', 'email-verification'] },
} as const satisfies Partial<Record<SecurityEventKind | 'signed-out-everywhere', Ending>>;

export type EndingAct = keyof typeof endings;

/**
 * Ends the access for an action, and records it in the audit log; part of the action's transaction.
 *
 * Invariant: no access issued before the action, or in a transaction that ends before this one, outlives it. Signing in
 * and creating a link lock the account's row until commit, and so does this, before it searches for existing access.
 * @param subject whose access; `sessionId` is the session that ends, or that stays if the action ends the others
 * @returns false, and records nothing, when the action ends one session and that had already ended
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
