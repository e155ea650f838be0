import { placeOrder } from '@bulkhead/app/order/src/place/place-order.sql';
import type { Database } from '@bulkhead/database/database';
import type { NewOrder } from './new-order';

/** The order service's own statement. */
export const commitInOneStatement = (database: Database) => async (order: NewOrder) => {
  const { lines, total } = order;
  const { rowCount } = await database.query({
    ...placeOrder,
    values: [
      order.userId,
      order.scope,
      order.key,
      order.fingerprint,
      order.orderId,
      3_500,
      86_400_000,
      total.amount,
      total.currency,
      900_000,
      'tok_visa',
      order.owner,
      5_000,
      null,
      lines.map(({ productId }) => productId),
      lines.map(({ sku }) => sku),
      lines.map(({ name }) => name),
      lines.map(({ quantity }) => quantity),
      lines.map(({ unitPrice }) => unitPrice),
      order.events,
    ],
  });
  if (rowCount !== 1) throw new Error('the order was not written');
};
