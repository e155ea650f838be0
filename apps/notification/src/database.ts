import type { ServiceDatabase } from '@bulkhead/database/pool';
import { type PrismaDatabase, type PrismaTransaction, withPrisma } from '@bulkhead/database/prisma';
import { PrismaClient } from './generated/prisma/client';

export type NotificationDatabase = PrismaDatabase<PrismaClient>;
export type NotificationTransaction = PrismaTransaction<PrismaClient>;

/** The service's database with its Prisma client. */
export const notificationDatabase = (database: ServiceDatabase): NotificationDatabase =>
  withPrisma(database, (adapter) => new PrismaClient({ adapter }));
