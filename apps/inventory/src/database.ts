import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type InventoryDatabase = PrismaDatabase<PrismaClient>;
export type InventoryTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const inventoryDatabase = (database: ServiceDatabase): InventoryDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
