import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type SearchDatabase = PrismaDatabase<PrismaClient>;
export type SearchTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const searchDatabase = (database: ServiceDatabase): SearchDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
