import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { productApi, productInternal } from '@bulkhead/contracts/product/api';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { SearchConfig } from './config';
import { searchDatabase } from './database';
import { catalogEvents } from './events/catalog-events';
import { stockEvents } from './events/stock-events';
import { adminOperations } from './http/admin-operations';
import { searchOperations } from './http/search-operations';
import { readListing } from './rebuild/listing';
import { createPruning } from './rebuild/prune';
import { createRebuild } from './rebuild/rebuild';
import { createSearchMetrics } from './search-metrics';

/** Product search: an index of the catalog, maintained by events and rebuilt from product's listing. */
export const searchService: ServiceDefinition<typeof SearchConfig> = {
  name: 'search',
  config: SearchConfig,
  peers: ['product', 'inventory'],
  database: true,
  extensions: ['pg_trgm', 'unaccent'],
  create(dependencies) {
    const { config, peer } = dependencies;
    const database = searchDatabase(dependencies.database);
    const metrics = createSearchMetrics(dependencies.metrics, database);
    const listing = {
      ...dependencies,
      product: peer('product', productInternal),
      inventory: peer('inventory', inventoryInternal),
      pageSize: config.SEARCH_REBUILD_PAGE,
    };
    const rebuild = createRebuild({
      ...dependencies,
      database,
      readPage: (after) => readListing(listing, after),
      leaseMs: config.SEARCH_REBUILD_LEASE_MS,
      retryMs: config.SEARCH_REBUILD_RETRY_MS,
      everyMs: config.SEARCH_REBUILD_EVERY_MS,
    });
    return {
      operations: [
        ...searchOperations({
          ...dependencies,
          catalog: peer('product', { listProducts: productApi.listProducts }),
          indexTimeoutMs: config.SEARCH_INDEX_TIMEOUT_MS,
          onDegraded: metrics.degraded,
        }),
        ...adminOperations(database, rebuild),
      ],
      subscriptions: [catalogEvents, stockEvents],
      jobs: [rebuild.job, createPruning(database)],
      stop: () => database.prisma.$disconnect(),
    };
  },
};
