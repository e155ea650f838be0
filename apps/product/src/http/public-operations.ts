import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { productApi } from '@bulkhead/contracts/product/api';
import { Id } from '@bulkhead/contracts/primitives';
import type { Client } from '@bulkhead/service/http/client';
import { decodeCursor, nextLink } from '@bulkhead/service/http/cursor';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { etagOf, isNotModified } from '@bulkhead/service/http/preconditions';
import { availabilityOf } from '../catalog/availability';
import { findProduct, listCategories, listProducts } from '../catalog/read-catalog';
import type { PrismaClient } from '../generated/prisma/client';

export const publicOperations = ({
  prisma,
  inventory,
}: {
  prisma: PrismaClient;
  inventory: Client<typeof inventoryInternal>;
}): Operation[] => [
  implement(productApi.listProducts, async ({ query }) => {
    const before = decodeCursor(query.cursor, Id);
    const { items, hasMore } = await listProducts(prisma, { ...query, before, category: query.category });
    const next = hasMore ? nextLink(productApi.listProducts.path, query, items.at(-1)!.productId) : null;
    return { status: 200, body: { items, next } };
  }),

  implement(productApi.getProduct, async ({ params, headers }, context) => {
    const product = await findProduct(prisma, params.productId);
    const etag = etagOf(product.version);
    if (isNotModified(headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
    const availability = await availabilityOf(inventory, product.sku, context);
    return { status: 200, headers: { etag }, body: { ...product, availability } };
  }),

  implement(productApi.listCategories, async () => ({
    status: 200,
    body: { items: await listCategories(prisma) },
  })),
];
