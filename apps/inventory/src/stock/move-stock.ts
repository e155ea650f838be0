import type { Stock } from '@bulkhead/contracts/inventory/api';
import type { Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { stockEvents } from '../ledger/stock-events';
import { type StockRow, toStock } from './stock-row';

export interface Movement {
  readonly id: string;
  /** Pieces that come in, or go if negative. */
  readonly delta: number;
  readonly reason: string;
  /** Names the request for good, so that its repetition finds the movement. */
  readonly requestKey: string | null;
}

/**
 * Changes the stock of a SKU that this transaction has locked, and writes the journal: on_hand and the sum of the
 * movements grow by the same delta in one statement.
 */
export async function moveStock(
  tx: Transaction,
  outbox: Outbox,
  before: Stock,
  { id, delta, reason, requestKey }: Movement,
): Promise<Stock> {
  const { rows } = await tx.query<StockRow>({
    name: 'move-stock',
    text: `with moved as (
        update stock set on_hand = on_hand + $2, version = version + 1, updated_at = now()
        where sku = $1
        returning sku, on_hand, reserved, sold, version, updated_at
      )
      insert into movement
        (id, sku, delta, reason, request_key, after_on_hand, after_reserved, after_sold, after_version, at)
      select $3, sku, $2, $4, $5, on_hand, reserved, sold, version, updated_at from moved
      returning sku, after_on_hand as "onHand", after_reserved as reserved, after_sold as sold,
        after_version as version, at as "updatedAt"`,
    values: [before.sku, delta, id, reason, requestKey],
  });
  const after = toStock(rows[0]!);
  await outbox.append(tx, stockEvents(after.sku, before.onHand, after.onHand, after.version));
  return after;
}
