import { databaseNow } from '@bulkhead/database/prisma';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { InventoryDatabase } from '../database';
import type { ApplyBatch } from '../ledger/apply-batch';

/** Maximum number of reservations that expire in one transaction. */
const batchSize = 200;

/**
 * Releases the stock of overdue reservations, by the database's clock, and publishes each. Replicas may find the same
 * ones: the second one finds them expired.
 * @returns how many were overdue
 */
export async function expireReservations(
  { database, applyBatch }: { database: InventoryDatabase; applyBatch: ApplyBatch },
  signal?: AbortSignal,
): Promise<number> {
  for (let overdue = 0; ;) {
    const rows = await database.prisma.reservation.findMany({
      where: { state: 'held', expiresAt: { lte: databaseNow } },
      orderBy: { expiresAt: 'asc' },
      take: batchSize,
      select: { orderId: true },
    });
    if (rows.length > 0) await applyBatch(rows.map(({ orderId }) => ({ kind: 'expire', orderId })));
    overdue += rows.length;
    if (rows.length < batchSize || signal?.aborted) return overdue;
  }
}

export const expiryJob = (dependencies: { database: InventoryDatabase; applyBatch: ApplyBatch }): Job => ({
  name: 'expire-reservations',
  everyMs: 1_000,
  run: async (signal) => void (await expireReservations(dependencies, signal)),
});
