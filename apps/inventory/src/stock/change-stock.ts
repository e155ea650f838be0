import { stockDepleted, stockReplenished } from '@bulkhead/contracts/inventory/events';
import type { Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';

/** A row of the table, as PostgreSQL gives it. */
export interface StockRow {
  readonly sku: string;
  readonly on_hand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly version: number;
  readonly updated_at: Date;
}

export const lockStockRow = {
  name: 'inventory-lock-stock-row',
  text: 'select sku, on_hand, reserved, sold, version, updated_at from stock where sku = $1 for update',
};

/**
 * Adds `delta` pieces to a locked row together with its line in the journal, and tells when the SKU ran out or is there
 * again. Invariant: on_hand + reserved + sold = the sum of the movements.
 */
const moveStock = {
  name: 'inventory-move-stock',
  text: `with moved as (
      insert into movement (movement_id, sku, delta, reason, idempotency_key) values ($1, $2, $3, $4, $5)
    )
    update stock set on_hand = on_hand + $3, version = version + 1, updated_at = clock_timestamp()
    where sku = $2
    returning sku, on_hand, reserved, sold, version, updated_at`,
};

export interface StockChange {
  readonly movementId: string;
  readonly delta: number;
  readonly reason: string;
  readonly idempotencyKey: string | null;
}

/** @param before the row as locked in this transaction */
export async function changeStock(
  tx: Transaction,
  before: StockRow,
  change: StockChange,
  outbox: Outbox,
): Promise<StockRow> {
  const { rows } = await tx.query<StockRow>({
    ...moveStock,
    values: [change.movementId, before.sku, change.delta, change.reason, change.idempotencyKey],
  });
  const after = rows[0];
  if (!after) throw new Error(`the stock of ${before.sku} vanished under its lock`);
  if (after.on_hand > 0 !== before.on_hand > 0)
    await outbox.append(tx, [
      {
        definition: after.on_hand > 0 ? stockReplenished : stockDepleted,
        subject: after.sku,
        aggregateVersion: after.version,
        data: { sku: after.sku },
      },
    ]);
  return after;
}
