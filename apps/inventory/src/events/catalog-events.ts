import { stockDepleted } from '@bulkhead/contracts/inventory/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { InventoryDatabase } from '../database';

/** A new product starts with a stock of zero, which is published for services that show products. */
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
