import { productInternal } from '@bulkhead/contracts/product/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { createQuote } from '../catalog/quote';
import { replay } from '../catalog/read-catalog';
import type { ProductDatabase } from '../database';

export function internalOperations(database: ProductDatabase): Operation[] {
  const quote = createQuote(database);
  return [
    implement(productInternal.quote, async ({ body }, { deadline }) => ({
      status: 200,
      body: await quote(
        body.items.map(({ productId }) => productId),
        deadline,
      ),
    })),

    implement(productInternal.replay, async ({ query }) => ({
      status: 200,
      body: await replay(database, { limit: query.limit, after: query.after }),
    })),
  ];
}
