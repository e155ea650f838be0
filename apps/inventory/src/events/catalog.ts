import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';
import { addSku } from '../stock/add-sku';

/** A new product has a stock to be kept, empty at first. */
export const catalogSubscription = (outbox: Outbox) =>
  subscribe(subscriptions.inventoryCatalog, ({ data }, { tx }) => addSku(tx, data.sku, outbox));
