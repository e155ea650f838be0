import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type AuthDatabase = PrismaDatabase<PrismaClient>;
export type AuthTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const authDatabase = (database: ServiceDatabase): AuthDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
