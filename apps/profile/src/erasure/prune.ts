import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';

// The client cannot skip rows that another replica has locked.
const oldErasures = {
  name: 'prune-erasures',
  text: `delete from erasures where id = any (array(
    select id from erasures where completed_at < now() - interval '90 days' limit $1 for update skip locked))`,
};

/** Deletes completed erasures: auth does not know the people any more, so nothing can restore their profiles. */
export const pruneErasures = (database: Database, signal?: AbortSignal): Promise<number> =>
  pruneAll(database, oldErasures, { ...(signal && { signal }) });
