import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { ProductConfig, refuseSeedInProduction } from './config';
import { productDatabase } from './database';
import { adminOperations } from './http/admin-operations';
import { internalOperations } from './http/internal-operations';
import { publicOperations } from './http/public-operations';
import { seedJob } from './seed/seed-catalog';

/** The catalog: what the shop sells, and for how much. */
export const productService: ServiceDefinition<typeof ProductConfig> = {
  name: 'product',
  config: ProductConfig,
  peers: ['inventory'],
  database: true,
  checkConfig: ({ SEED }, mode) => refuseSeedInProduction(SEED, mode),
  create(dependencies) {
    const { config } = dependencies;
    const database = productDatabase(dependencies.database);
    return {
      operations: [
        ...publicOperations({ database, inventory: dependencies.peer('inventory', inventoryInternal) }),
        ...adminOperations({ ...dependencies, database }),
        ...internalOperations(database),
      ],
      jobs: config.SEED ? [seedJob({ ...dependencies, database })] : [],
      stop: () => database.prisma.$disconnect(),
    };
  },
};
