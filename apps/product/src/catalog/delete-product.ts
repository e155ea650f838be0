import { productDeleted } from '@bulkhead/contracts/product/events';
import { databaseNow } from '@bulkhead/database/prisma';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Versions } from '@bulkhead/service/http/preconditions';
import type { ProductDatabase } from '../database';
import { lockProduct } from './lock-product';

/**
 * Removes a product from the catalog; its row is marked as deleted. @throws ProblemError not-found, precondition-failed
 */
export const deleteProduct = (
  { database, outbox }: { database: ProductDatabase; outbox: Outbox },
  productId: string,
  versions: Versions,
): Promise<void> =>
  database.transaction(async (tx) => {
    const { sku, version } = await lockProduct(tx, productId, versions);
    await tx.prisma.product.update({
      where: { id: productId },
      data: { deletedAt: databaseNow, updatedAt: databaseNow, version: { increment: 1 } },
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
