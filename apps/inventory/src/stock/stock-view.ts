import type { Stock } from '@bulkhead/contracts/inventory/api';
import type { StockRow } from './change-stock';

/** A row as the API shows it to admins. */
export const stockView = ({ sku, on_hand, reserved, sold, version, updated_at }: StockRow): Stock => ({
  sku,
  onHand: on_hand,
  reserved,
  sold,
  version,
  updatedAt: updated_at.toISOString(),
});
