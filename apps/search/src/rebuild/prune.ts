import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { pruneGenerations } from '../index/write.sql';

/** Deletes unused generations, in small batches. */
export const createPruning = (database: Database): Job => ({
  name: 'prune-generations',
  everyMs: 10_000,
  run: async (signal) => void (await pruneAll(database, pruneGenerations, { signal })),
});
