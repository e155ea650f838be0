import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { PeerProblem, problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import { findOrCreateProfile } from '../profiles/get-profile';
import type { ProfileService } from '../profile-service';
import { getErasure } from './erasure-status';
import { firstRepeatAfter } from './repeat-requests';

/**
 * Starts a person's erasure, idempotently. The profile stays until all services have responded, since notification
 * needs its address for the final mail.
 * @throws ProblemError not-found, conflict for the last admin; what the client of auth throws when auth is unavailable
 */
export async function requestErasure(service: ProfileService, userId: string, context: CallContext) {
  const { database, outbox, ids } = service;
  const isRunning = (await database.prisma.erasure.count({ where: { userId } })) > 0;
  if (!isRunning) {
    if (!(await findOrCreateProfile(service, userId, context))) throw problem('not-found');
    // The last admin is rejected; any other loses the role, even if what follows fails, and may try again.
    await resign(service.auth, userId, context);
    await database.transaction(async (tx) => {
      const erasureId = ids.next();
      // The client cannot calculate a time from the database's clock (decision 14).
      const { rowCount } = await tx.query({
        name: 'erasure-request',
        text: `insert into erasures (id, user_id, repeat_at) values ($1, $2, now() + $3::interval)
          on conflict (user_id) do nothing`,
        values: [erasureId, userId, firstRepeatAfter],
      });
      if (rowCount === 0) return;
      await outbox.append(tx, [
        { definition: erasureRequested, subject: userId, aggregateVersion: 1, data: { userId, erasureId } },
      ]);
    });
  }
  return getErasure(service, userId);
}

async function resign(auth: ProfileService['auth'], userId: string, context: CallContext): Promise<void> {
  try {
    await auth.resign({ params: { userId } }, context);
  } catch (error) {
    if (!(error instanceof PeerProblem) || error.slug !== 'conflict') throw error;
    throw problem('conflict', error.problem?.detail ?? 'The shop must keep at least one administrator.');
  }
}
