import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';

/** A new product has a stock from the start, of nothing. */
export const catalogEvents = subscribe(subscriptions.inventoryCatalog, async ({ data }, { tx }) => {
  await tx.query({
    name: 'add-stock',
    text: 'insert into stock (sku) values ($1) on conflict (sku) do nothing',
    values: [data.sku],
  });
});
