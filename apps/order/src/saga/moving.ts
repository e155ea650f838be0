import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { createMicroBatcher, type MicroBatcher } from '@bulkhead/service/micro-batcher';
import type { Saga } from './saga';
import type { AskedMove, SagaStore } from './saga-store';

/** Combines concurrent transitions of sagas into one statement. Undefined: another runner was faster. */
export type Moving = MicroBatcher<AskedMove, Saga | undefined>;

export const createMoving = (database: Database, store: Pick<SagaStore, 'moveAll'>): Moving =>
  createMicroBatcher<AskedMove, Saga | undefined>({
    maxBatch: 64,
    // More than the possible number of active sagas: none is rejected.
    maxQueue: 10_000,
    concurrency: 2,
    run: (asked) => store.moveAll(database, asked),
    isOutage: (error) => error instanceof DatabaseUnavailable || isContended(error),
  });
