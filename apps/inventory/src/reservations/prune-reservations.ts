import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';

// The client cannot skip rows that another replica has locked.
const oldReservations = {
  name: 'prune-reservations',
  text: `delete from reservation where order_id = any (array(
      select order_id from reservation
      where state in ('released', 'expired') and updated_at < now() - interval '30 days'
      limit $1 for update skip locked))`,
};

/**
 * Deletes reservations without stock, long after the last possible message about them. Committed ones stay: a refund
 * returns their pieces.
 */
export const pruneReservations = (database: Database, signal?: AbortSignal): Promise<number> =>
  pruneAll(database, oldReservations, { ...(signal && { signal }) });

export const pruneJob = (database: Database): Job => ({
  name: 'prune-reservations',
  everyMs: 60_000,
  run: async (signal) => void (await pruneReservations(database, signal)),
});
