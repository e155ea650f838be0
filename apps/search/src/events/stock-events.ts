import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { writeStock } from '../index/write.sql';

/** Records which SKUs are in stock. */
export const stockEvents: Subscription = subscribe(subscriptions.searchStock, async (event, { tx }) => {
  const level = {
    sku: event.data.sku,
    in_stock: event.type === 'stock.replenished.v1',
    version: event.aggregateversion,
  };
  await tx.query({ ...writeStock, values: [JSON.stringify([level])] });
});
