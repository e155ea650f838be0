import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type OrderDatabase = PrismaDatabase<PrismaClient>;
export type OrderTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const orderDatabase = (database: ServiceDatabase): OrderDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
