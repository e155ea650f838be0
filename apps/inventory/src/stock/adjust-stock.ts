import { maxPieces, type Stock } from '@bulkhead/contracts/inventory/api';
import { isUniqueViolation } from '@bulkhead/database/errors';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { problem } from '@bulkhead/service/errors';
import type { Ids } from '@bulkhead/service/ids';
import type { InventoryDatabase, InventoryTransaction } from '../database';
import { moveStock } from './move-stock';
import { lockStockRow, toStock } from './stock-row';

export interface Adjustment {
  readonly sku: string;
  readonly delta: number;
  readonly reason: string;
  /** The user's Idempotency-Key, in the user's scope; null without one. */
  readonly requestKey: string | null;
}

/**
 * Adds pieces to the stock, or removes unreserved ones. With a key, a repetition gets the first response: the journal
 * keeps it permanently.
 * @throws ProblemError not-found, conflict, idempotency-key-reused
 */
export async function adjustStock(
  dependencies: { database: InventoryDatabase; outbox: Outbox; ids: Ids },
  adjustment: Adjustment,
): Promise<Stock> {
  try {
    return await adjustOnce(dependencies, adjustment);
  } catch (error) {
    // The key was used concurrently for another SKU, whose row is another lock.
    if (!isUniqueViolation(error, 'movement_request')) throw error;
    return adjustOnce(dependencies, adjustment);
  }
}

const adjustOnce = (
  { database, outbox, ids }: { database: InventoryDatabase; outbox: Outbox; ids: Ids },
  { sku, delta, reason, requestKey }: Adjustment,
): Promise<Stock> =>
  database.transaction(async (tx) => {
    const before = await lockStockRow(tx, sku);
    const earlier = requestKey === null ? undefined : await findMovement(tx, requestKey);
    if (earlier) {
      if (earlier.sku !== sku || Number(earlier.delta) !== delta || earlier.reason !== reason)
        throw problem('idempotency-key-reused');
      return toStock(earlier);
    }
    const after = before.onHand + delta;
    if (after < 0) throw problem('conflict', 'The adjustment would make the stock negative.');
    if (after > maxPieces) throw problem('conflict', 'The adjustment would exceed the maximum stock.');
    return moveStock(tx, outbox, before, { id: ids.next(), delta, reason, requestKey });
  });

async function findMovement({ prisma }: InventoryTransaction, requestKey: string) {
  const movement = await prisma.movement.findUnique({ where: { requestKey } });
  return (
    movement && {
      ...movement,
      onHand: movement.afterOnHand,
      reserved: movement.afterReserved,
      sold: movement.afterSold,
      version: movement.afterVersion,
      updatedAt: movement.at,
    }
  );
}
