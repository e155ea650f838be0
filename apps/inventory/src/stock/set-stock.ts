import type { Stock } from '@bulkhead/contracts/inventory/api';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { problem } from '@bulkhead/service/errors';
import type { Ids } from '@bulkhead/service/ids';
import type { Versions } from '@bulkhead/service/http/preconditions';
import type { InventoryDatabase } from '../database';
import { moveStock } from './move-stock';
import { lockStockRow } from './stock-row';

/**
 * Sets the pieces on hand to a counted number, as a movement by the difference.
 * @param versions that the count is based on, from If-Match
 * @throws ProblemError not-found, precondition-failed
 */
export const setStock = (
  { database, outbox, ids }: { database: InventoryDatabase; outbox: Outbox; ids: Ids },
  sku: string,
  versions: Versions,
  { onHand, reason }: { onHand: number; reason: string },
): Promise<Stock> =>
  database.transaction(async (tx) => {
    const before = await lockStockRow(tx, sku);
    if (versions !== 'any' && !versions.includes(before.version))
      throw problem('precondition-failed', 'The stock has changed since you read it. Read it again.');
    const delta = onHand - before.onHand;
    if (delta === 0) return before;
    return moveStock(tx, outbox, before, { id: ids.next(), delta, reason, requestKey: null });
  });
