import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';

// The client cannot pass over rows that another replica holds.
const oldErasures = {
  name: 'prune-erasures',
  text: `delete from erasures where id = any (array(
    select id from erasures where completed_at < now() - interval '90 days' limit $1 for update skip locked))`,
};

/** Forgets that persons were forgotten: auth does not know them any more, so nothing can bring their profile back. */
export const pruneErasures = (database: Database, signal?: AbortSignal): Promise<number> =>
  pruneAll(database, oldErasures, { ...(signal && { signal }) });
