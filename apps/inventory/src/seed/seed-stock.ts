import { createHash } from 'node:crypto';
import { stockDepleted } from '@bulkhead/contracts/inventory/events';
import { exampleStock } from '@bulkhead/contracts/product/catalog-seed';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { InventoryDatabase } from '../database';
import { moveStock } from '../stock/move-stock';
import { lockStockRow } from '../stock/stock-row';

/**
 * Adds the initial stock of the example products. Each movement has a fixed id, so that it is added once, however often
 * and wherever this runs, and also when product's events came first.
 * @returns the number of SKUs whose stock was added now
 */
export const seedStock = ({
  database,
  outbox,
}: {
  database: InventoryDatabase;
  outbox: Outbox;
}): Promise<number> =>
  database.transaction(async (tx) => {
    const skus = Object.keys(exampleStock).sort();
    const added = await tx.prisma.stock.createManyAndReturn({
      data: skus.map((sku) => ({ sku })),
      skipDuplicates: true,
      select: { sku: true },
    });
    // Products that start sold out are published like any that sells out.
    await outbox.append(
      tx,
      added
        .filter(({ sku }) => exampleStock[sku] === 0)
        .map(({ sku }) => ({ definition: stockDepleted, subject: sku, aggregateVersion: 1, data: { sku } })),
    );
    // The client cannot lock rows.
    await tx.query({
      text: 'select from stock where sku = any($1::text[]) order by sku for update',
      values: [skus],
    });
    const rows = await tx.prisma.movement.findMany({
      where: { id: { in: skus.map(seedMovementId) } },
      select: { id: true },
    });
    const seeded = new Set(rows.map(({ id }) => id));
    const missing = skus.filter((sku) => !seeded.has(seedMovementId(sku)));
    for (const sku of missing) {
      const movement = {
        id: seedMovementId(sku),
        delta: exampleStock[sku]!,
        reason: 'opening stock',
        requestKey: null,
      };
      await moveStock(tx, outbox, await lockStockRow(tx, sku), movement);
    }
    return missing.length;
  });

/** A UUIDv8 (RFC 9562 §5.8) made from the SKU. */
function seedMovementId(sku: string): string {
  const hash = createHash('sha256').update(`opening stock of ${sku}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(12, 15)}-8${hash.slice(15, 18)}-${hash.slice(18, 30)}`;
}

/** Seeds once after the start, when the database is ready; retries until then. */
export function seedJob(dependencies: { database: InventoryDatabase; outbox: Outbox }): Job {
  let done = false;
  return {
    name: 'seed-stock',
    everyMs: 5_000,
    async run() {
      if (!done) await seedStock(dependencies);
      done = true;
    },
  };
}
