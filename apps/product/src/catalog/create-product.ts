import type { Product, ProductDraft } from '@bulkhead/contracts/product/api';
import { productCreated } from '@bulkhead/contracts/product/events';
import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import { alreadyExists } from './already-exists';
import { productColumns, type ProductRow, toProduct, toSnapshot } from './product-row';

/** Adds a product and tells of it, in one transaction. @throws ProblemError already-exists */
export const createProduct = (
  { database, outbox, ids }: { database: Database; outbox: Outbox; ids: Ids },
  draft: ProductDraft,
): Promise<Product> =>
  alreadyExists(() =>
    database.transaction(async (tx) => {
      const { rows } = await tx.query<ProductRow>({
        name: 'create-product',
        text: `insert into product (id, sku, slug, name, description, category, price, currency, image_url)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${productColumns}`,
        values: [
          ids.next(),
          draft.sku,
          draft.slug,
          draft.name,
          draft.description,
          draft.category,
          draft.price.amount,
          draft.price.currency,
          draft.imageUrl ?? null,
        ],
      });
      const row = rows[0]!;
      await outbox.append(tx, [
        { definition: productCreated, subject: row.id, aggregateVersion: row.version, data: toSnapshot(row) },
      ]);
      return toProduct(row);
    }),
  );
