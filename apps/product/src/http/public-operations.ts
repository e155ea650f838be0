import type { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { type Product, productApi } from '@bulkhead/contracts/product/api';
import { Id } from '@bulkhead/contracts/primitives';
import type { Client } from '@bulkhead/service/http/client';
import { decodeCursor, nextPage } from '@bulkhead/service/http/cursor';
import { type CallContext, implement, type Operation } from '@bulkhead/service/http/operation';
import { etagOf, isNotModified } from '@bulkhead/service/http/preconditions';
import { availabilityOf } from '../catalog/availability';
import { findProduct, findProductBySlug, listCategories, listProducts } from '../catalog/read-catalog';
import type { ProductDatabase } from '../database';

export const publicOperations = ({
  database,
  inventory,
}: {
  database: ProductDatabase;
  inventory: Client<typeof inventoryInternal>;
}): Operation[] => {
  const show = async (product: Product, ifNoneMatch: string | undefined, context: CallContext) => {
    const etag = etagOf(product.version);
    if (isNotModified(ifNoneMatch, etag)) return { status: 304, headers: { etag } } as const;
    const availability = await availabilityOf(inventory, product.sku, context);
    return { status: 200, headers: { etag }, body: { ...product, availability } } as const;
  };

  return [
    implement(productApi.listProducts, async ({ query }) => {
      const before = decodeCursor(query.cursor, Id);
      const { items, hasMore } = await listProducts(database, { ...query, before, category: query.category });
      const last = hasMore ? items.at(-1)?.productId : undefined;
      return { status: 200, body: { items, ...nextPage(productApi.listProducts.path, query, last) } };
    }),

    implement(productApi.getProduct, async ({ params, headers }, context) => {
      const product = await findProduct(database, params.productId);
      return show(product, headers['if-none-match'], context);
    }),

    implement(productApi.getProductBySlug, async ({ params, headers }, context) => {
      const product = await findProductBySlug(database, params.slug);
      return show(product, headers['if-none-match'], context);
    }),

    implement(productApi.listCategories, async () => ({
      status: 200,
      body: { items: await listCategories(database) },
    })),
  ];
};
