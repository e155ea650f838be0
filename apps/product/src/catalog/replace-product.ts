import type { Product, ProductDraft } from '@bulkhead/contracts/product/api';
import { productUpdated } from '@bulkhead/contracts/product/events';
import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { problem } from '@bulkhead/service/errors';
import type { Versions } from '@bulkhead/service/http/preconditions';
import { alreadyExists } from './already-exists';
import { lockProduct } from './lock-product';
import { productColumns, type ProductRow, toProduct, toSnapshot } from './product-row';

/** Changes a product and tells of it. @throws ProblemError not-found, precondition-failed, already-exists, conflict */
export const replaceProduct = (
  { database, outbox }: { database: Database; outbox: Outbox },
  productId: string,
  versions: Versions,
  draft: ProductDraft,
): Promise<Product> =>
  alreadyExists(() =>
    database.transaction(async (tx) => {
      const current = await lockProduct(tx, productId, versions);
      // Stock and past orders know the product by its SKU.
      if (draft.sku !== current.sku) throw problem('conflict', 'The SKU of a product cannot be changed.');
      const { rows } = await tx.query<ProductRow>({
        name: 'replace-product',
        text: `update product
          set slug = $2, name = $3, description = $4, category = $5, price = $6, currency = $7, image_url = $8,
            version = version + 1, updated_at = now()
          where id = $1 returning ${productColumns}`,
        values: [
          productId,
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
        { definition: productUpdated, subject: row.id, aggregateVersion: row.version, data: toSnapshot(row) },
      ]);
      return toProduct(row);
    }),
  );
