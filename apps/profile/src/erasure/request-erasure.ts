import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import { findOrCreateProfile } from '../profiles/get-profile';
import type { ProfileService } from '../profile-service';
import { getErasure } from './erasure-status';
import { firstRepeatAfter } from './repeat-requests';

/**
 * Begins to forget a person, once: asking again changes nothing. The profile stays until all services have answered,
 * since notification needs its address for the farewell.
 * @throws ProblemError not-found; what the client of auth throws when the person is not known yet and auth is away
 */
export async function requestErasure(service: ProfileService, userId: string, context: CallContext) {
  const { prisma, database, outbox, ids } = service;
  const isRunning = (await prisma.erasure.count({ where: { userId } })) > 0;
  if (!isRunning) {
    if (!(await findOrCreateProfile(service, userId, context))) throw problem('not-found');
    await database.transaction(async (tx) => {
      const erasureId = ids.next();
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
