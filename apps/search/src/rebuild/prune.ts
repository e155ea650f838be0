import type { Database } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { pruneGenerations } from '../index/write.sql';

const batch = 1_000;
const batchesPerRun = 20;

/** Removes generations that nobody reads any more, in small batches. */
export const createPruning = (database: Database): Job => ({
  name: 'prune-generations',
  everyMs: 10_000,
  async run(signal) {
    for (let round = 0; round < batchesPerRun && !signal.aborted; round++) {
      const { rowCount } = await database.query({ ...pruneGenerations, values: [batch] });
      if (rowCount < batch) return;
    }
  },
});
