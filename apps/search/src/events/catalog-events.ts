import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { type Entry, toEntry, toTombstone } from '../index/entry';
import { writeEverywhere } from '../index/write.sql';

/** Keeps the index in sync with the catalog, whatever the order and number of the events. */
export const catalogEvents: Subscription = subscribe(subscriptions.searchCatalog, async (event, { tx }) => {
  const version = event.aggregateversion;
  const entry: Entry =
    event.type === 'product.deleted.v1'
      ? toTombstone(event.data.productId, event.data.sku, version)
      : toEntry(event.data, version);
  await tx.query({ ...writeEverywhere, values: [JSON.stringify([entry])] });
});
