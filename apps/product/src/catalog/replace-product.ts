import type { Product, ProductDraft } from '@bulkhead/contracts/product/api';
import { productUpdated } from '@bulkhead/contracts/product/events';
import { databaseNow } from '@bulkhead/database/prisma';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { problem } from '@bulkhead/service/errors';
import type { Versions } from '@bulkhead/service/http/preconditions';
import type { ProductDatabase } from '../database';
import { alreadyExists } from './already-exists';
import { lockProduct } from './lock-product';
import { columnsOf, toProduct, toSnapshot } from './product-row';

/** Changes a product and publishes it. @throws ProblemError not-found, precondition-failed, already-exists, conflict */
export const replaceProduct = (
  { database, outbox }: { database: ProductDatabase; outbox: Outbox },
  productId: string,
  versions: Versions,
  draft: ProductDraft,
): Promise<Product> =>
  alreadyExists(() =>
    database.transaction(async (tx) => {
      const current = await lockProduct(tx, productId, versions);
      // Stock and past orders refer to the product by its SKU.
      if (draft.sku !== current.sku) throw problem('conflict', 'The SKU of a product cannot be changed.');
      const row = await tx.prisma.product.update({
        where: { id: productId },
        data: { ...columnsOf(draft), version: { increment: 1 }, updatedAt: databaseNow },
      });
      await outbox.append(tx, [
        { definition: productUpdated, subject: row.id, aggregateVersion: row.version, data: toSnapshot(row) },
      ]);
      return toProduct(row);
    }),
  );
