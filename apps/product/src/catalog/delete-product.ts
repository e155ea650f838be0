import { productDeleted } from '@bulkhead/contracts/product/events';
import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Versions } from '@bulkhead/service/http/preconditions';
import { lockProduct } from './lock-product';

/** Takes a product out of the catalog; its row stays as a mark. @throws ProblemError not-found, precondition-failed */
export const deleteProduct = (
  { database, outbox }: { database: Database; outbox: Outbox },
  productId: string,
  versions: Versions,
): Promise<void> =>
  database.transaction(async (tx) => {
    const { sku, version } = await lockProduct(tx, productId, versions);
    await tx.query({
      name: 'delete-product',
      text: 'update product set deleted_at = now(), updated_at = now(), version = version + 1 where id = $1',
      values: [productId],
    });
    await outbox.append(tx, [
      {
        definition: productDeleted,
        subject: productId,
        aggregateVersion: version + 1,
        data: { productId, sku },
      },
    ]);
  });
