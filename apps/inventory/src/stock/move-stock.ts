import type { Stock } from '@bulkhead/contracts/inventory/api';
import { databaseNow } from '@bulkhead/database/prisma';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { InventoryTransaction } from '../database';
import { stockEvents } from '../ledger/stock-events';
import { toStock } from './stock-row';

export interface Movement {
  readonly id: string;
  /** Pieces added, or removed if negative. */
  readonly delta: number;
  readonly reason: string;
  /** Identifies the request permanently, so that a repetition finds the movement. */
  readonly requestKey: string | null;
}

/**
 * Changes the stock of a SKU that this transaction has locked, and writes the journal: on_hand and the sum of the
 * movements change by the same delta in one transaction.
 */
export async function moveStock(
  tx: InventoryTransaction,
  outbox: Outbox,
  before: Stock,
  { id, delta, reason, requestKey }: Movement,
): Promise<Stock> {
  const row = await tx.prisma.stock.update({
    where: { sku: before.sku },
    data: { onHand: { increment: delta }, version: { increment: 1 }, updatedAt: databaseNow },
  });
  await tx.prisma.movement.create({
    data: {
      id,
      sku: row.sku,
      delta,
      reason,
      requestKey,
      afterOnHand: row.onHand,
      afterReserved: row.reserved,
      afterSold: row.sold,
      afterVersion: row.version,
      at: row.updatedAt,
    },
  });
  const after = toStock(row);
  await outbox.append(tx, stockEvents(after.sku, before.onHand, after.onHand, after.version));
  return after;
}
