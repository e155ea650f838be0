import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type ProductDatabase = PrismaDatabase<PrismaClient>;
export type ProductTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const productDatabase = (database: ServiceDatabase): ProductDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
