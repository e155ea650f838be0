import { productApi } from '@bulkhead/contracts/product/api';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { etagOf, requireIfMatch } from '@bulkhead/service/http/preconditions';
import type { Ids } from '@bulkhead/service/ids';
import type { ProductDatabase } from '../database';
import { createProduct } from '../catalog/create-product';
import { deleteProduct } from '../catalog/delete-product';
import { replaceProduct } from '../catalog/replace-product';

export const adminOperations = (dependencies: {
  database: ProductDatabase;
  outbox: Outbox;
  ids: Ids;
}): Operation[] => [
  implement(productApi.createProduct, async ({ body }) => {
    const product = await createProduct(dependencies, body);
    return {
      status: 201,
      headers: { etag: etagOf(product.version), location: `/api/v1/products/${product.productId}` },
      body: product,
    };
  }),

  implement(productApi.replaceProduct, async ({ params, headers, body }) => {
    const versions = requireIfMatch(headers['if-match']);
    const product = await replaceProduct(dependencies, params.productId, versions, body);
    return { status: 200, headers: { etag: etagOf(product.version) }, body: product };
  }),

  implement(productApi.deleteProduct, async ({ params, headers }) => {
    await deleteProduct(dependencies, params.productId, requireIfMatch(headers['if-match']));
    return { status: 204 };
  }),
];
