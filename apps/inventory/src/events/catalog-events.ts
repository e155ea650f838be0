import { stockDepleted } from '@bulkhead/contracts/inventory/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';

/** A new product has a stock from the start, of nothing; who shows products is told so. */
export const catalogEvents = (outbox: Outbox) =>
  subscribe(subscriptions.inventoryCatalog, async ({ data: { sku } }, { tx }) => {
    const { rowCount } = await tx.query({
      name: 'add-stock',
      text: 'insert into stock (sku) values ($1) on conflict (sku) do nothing',
      values: [sku],
    });
    if (rowCount > 0)
      await outbox.append(tx, [
        { definition: stockDepleted, subject: sku, aggregateVersion: 1, data: { sku } },
      ]);
  });
