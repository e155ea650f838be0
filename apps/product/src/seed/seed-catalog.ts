import { productCreated } from '@bulkhead/contracts/product/events';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { toSnapshot } from '../catalog/product-row';
import type { ProductDatabase } from '../database';
import { exampleCatalog } from './example-catalog';

/**
 * Adds missing example products to the catalog, each with its event, in one transaction. Products that an admin has
 * changed, deleted or given the same name are left alone. Idempotent, also concurrently.
 * @returns how many products were added
 */
export const seedCatalog = ({
  database,
  outbox,
}: {
  database: ProductDatabase;
  outbox: Outbox;
}): Promise<number> =>
  database.transaction(async (tx) => {
    const rows = await tx.prisma.product.createManyAndReturn({
      data: exampleCatalog(),
      skipDuplicates: true,
    });
    await outbox.append(
      tx,
      rows.map((row) => ({
        definition: productCreated,
        subject: row.id,
        aggregateVersion: row.version,
        data: toSnapshot(row),
      })),
    );
    return rows.length;
  });

/** Seeds once after the start, when the database is ready; retries until then. */
export function seedJob(dependencies: { database: ProductDatabase; outbox: Outbox }): Job {
  let done = false;
  return {
    name: 'seed-catalog',
    everyMs: 5_000,
    async run() {
      if (!done) await seedCatalog(dependencies);
      done = true;
    },
  };
}
