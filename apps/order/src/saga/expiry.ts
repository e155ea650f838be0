import type { Database } from '@bulkhead/database/database';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { SagaMetrics } from './saga-metrics';
import type { SagaStore } from './saga-store';

const batch = 100;

/**
 * Expires orders that have been pending for too long. Expiring, cancelling and charging an order concurrently is a
 * compare-and-set on the same version: one of them wins.
 */
export const createExpiry = (
  database: Database,
  store: SagaStore,
  metrics: SagaMetrics,
  everyMs: number,
): Job => ({
  name: 'expire-orders',
  everyMs,
  async run(signal) {
    for (let round = 0; round < 100 && !signal.aborted; round++) {
      const sagas = await store.findExpired(database, batch);
      for (const saga of sagas) {
        const moved = await store.move(database, saga, {
          to: 'cancelling',
          ending: 'expired',
          reason: 'too-long-pending',
        });
        if (moved) metrics.moved(saga, moved.state);
      }
      if (sagas.length < batch) return;
    }
  },
});
