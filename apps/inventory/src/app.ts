import { DatabaseUnavailable } from '@bulkhead/database/errors';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { InventoryConfig, refuseSeedInProduction } from './config';
import { inventoryDatabase } from './database';
import { catalogEvents } from './events/catalog-events';
import { reservationOperations } from './http/reservation-operations';
import { stockOperations } from './http/stock-operations';
import { createApplyBatch, type Result } from './ledger/apply-batch';
import type { Intent } from './ledger/decide';
import { expiryJob } from './reservations/expire-reservations';
import { pruneJob } from './reservations/prune-reservations';
import { seedJob } from './seed/seed-stock';

/** The stock of each SKU, and its reservations. */
export const inventoryService: ServiceDefinition<typeof InventoryConfig> = {
  name: 'inventory',
  config: InventoryConfig,
  peers: [],
  database: true,
  checkConfig: ({ SEED }, mode) => refuseSeedInProduction(SEED, mode),
  create(dependencies) {
    const { config, outbox } = dependencies;
    const database = inventoryDatabase(dependencies.database);
    const applyBatch = createApplyBatch(dependencies);
    const batcher = createMicroBatcher<Intent, Result>({
      run: applyBatch,
      maxBatch: config.RESERVATION_BATCH_SIZE,
      maxQueue: config.RESERVATION_QUEUE_LIMIT,
      isOutage: (error) => error instanceof DatabaseUnavailable,
    });
    return {
      operations: [
        ...stockOperations({ ...dependencies, database }),
        ...reservationOperations(batcher, database),
      ],
      subscriptions: [catalogEvents({ database, outbox })],
      jobs: [
        expiryJob({ database, applyBatch }),
        pruneJob(database),
        ...(config.SEED ? [seedJob({ database, outbox })] : []),
      ],
      async stop() {
        await batcher.drain();
        await database.prisma.$disconnect();
      },
    };
  },
};
