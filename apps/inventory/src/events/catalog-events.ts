import { stockDepleted } from '@bulkhead/contracts/inventory/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { InventoryDatabase } from '../database';

/** A new product has a stock from the start, of nothing; who shows products is told so. */
export const catalogEvents = ({ database, outbox }: { database: InventoryDatabase; outbox: Outbox }) =>
  subscribe(subscriptions.inventoryCatalog, ({ data: { sku } }, { tx }) =>
    database.join(tx, async ({ prisma }) => {
      const { count } = await prisma.stock.createMany({ data: { sku }, skipDuplicates: true });
      if (count > 0)
        await outbox.append(tx, [
          { definition: stockDepleted, subject: sku, aggregateVersion: 1, data: { sku } },
        ]);
    }),
  );
