import type { Database } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';

/**
 * Forgets reservations that hold nothing, long after any message about them could still come. Committed ones stay: a
 * refund takes their pieces back.
 * @returns how many were deleted, at most 1,000
 */
export async function pruneReservations(database: Database): Promise<number> {
  const { rowCount } = await database.query({
    name: 'prune-reservations',
    text: `delete from reservation where order_id in (
        select order_id from reservation
        where state in ('released', 'expired') and updated_at < now() - interval '30 days'
        limit 1000 for update skip locked)`,
  });
  return rowCount;
}

export const pruneJob = (database: Database): Job => ({
  name: 'prune-reservations',
  everyMs: 60_000,
  run: async () => void (await pruneReservations(database)),
});
