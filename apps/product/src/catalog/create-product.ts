import type { Product, ProductDraft } from '@bulkhead/contracts/product/api';
import { productCreated } from '@bulkhead/contracts/product/events';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import type { ProductDatabase } from '../database';
import { alreadyExists } from './already-exists';
import { columnsOf, toProduct, toSnapshot } from './product-row';

/** Adds a product and publishes it, in one transaction. @throws ProblemError already-exists */
export const createProduct = (
  { database, outbox, ids }: { database: ProductDatabase; outbox: Outbox; ids: Ids },
  draft: ProductDraft,
): Promise<Product> =>
  alreadyExists(() =>
    database.transaction(async (tx) => {
      const row = await tx.prisma.product.create({ data: { id: ids.next(), ...columnsOf(draft) } });
      await outbox.append(tx, [
        { definition: productCreated, subject: row.id, aggregateVersion: row.version, data: toSnapshot(row) },
      ]);
      return toProduct(row);
    }),
  );
