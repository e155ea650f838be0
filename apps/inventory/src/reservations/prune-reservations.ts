import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';

// The client cannot pass over rows that another replica holds.
const oldReservations = {
  name: 'prune-reservations',
  text: `delete from reservation where order_id = any (array(
      select order_id from reservation
      where state in ('released', 'expired') and updated_at < now() - interval '30 days'
      limit $1 for update skip locked))`,
};

/**
 * Forgets reservations that hold nothing, long after any message about them could still come. Committed ones stay: a
 * refund takes their pieces back.
 */
export const pruneReservations = (database: Database, signal?: AbortSignal): Promise<number> =>
  pruneAll(database, oldReservations, { ...(signal && { signal }) });

export const pruneJob = (database: Database): Job => ({
  name: 'prune-reservations',
  everyMs: 60_000,
  run: async (signal) => void (await pruneReservations(database, signal)),
});
