import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { PrismaPg } from '@prisma/adapter-pg';
import { ProductConfig, refuseSeedInProduction } from './config';
import { PrismaClient } from './generated/prisma/client';
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
    const { config, database } = dependencies;
    const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) });
    return {
      operations: [
        ...publicOperations({ prisma, inventory: dependencies.peer('inventory', inventoryInternal) }),
        ...adminOperations(dependencies),
        ...internalOperations(prisma),
      ],
      jobs: config.SEED ? [seedJob(dependencies)] : [],
      stop: () => prisma.$disconnect(),
    };
  },
};
