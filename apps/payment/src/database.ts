import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type PaymentDatabase = PrismaDatabase<PrismaClient>;
export type PaymentTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const paymentDatabase = (database: ServiceDatabase): PaymentDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
