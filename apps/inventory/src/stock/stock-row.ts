import type { Stock } from '@bulkhead/contracts/inventory/api';
import type { Transaction } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';

export interface StockRow {
  readonly sku: string;
  readonly onHand: number | bigint;
  readonly reserved: number | bigint;
  readonly sold: number | bigint;
  readonly version: number;
  readonly updatedAt: Date;
}

export const toStock = ({ sku, onHand, reserved, sold, version, updatedAt }: StockRow): Stock => ({
  sku,
  onHand: Number(onHand),
  reserved: Number(reserved),
  sold: Number(sold),
  version,
  updatedAt: updatedAt.toISOString(),
});

export const unknownSku = () => problem('not-found', 'There is no stock for this SKU.');

/** Locks the stock of one SKU for a change. @throws ProblemError not-found */
export async function lockStockRow(tx: Transaction, sku: string): Promise<Stock> {
  // The client cannot lock a row.
  const { rows } = await tx.query<StockRow>({
    name: 'lock-stock-row',
    text: `select sku, on_hand as "onHand", reserved, sold, version, updated_at as "updatedAt"
      from stock where sku = $1 for update`,
    values: [sku],
  });
  if (!rows[0]) throw unknownSku();
  return toStock(rows[0]);
}
