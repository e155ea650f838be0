import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type ProfileDatabase = PrismaDatabase<PrismaClient>;
export type ProfileTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const profileDatabase = (database: ServiceDatabase): ProfileDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
