import { productInternal } from '@bulkhead/contracts/product/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { quote, replay } from '../catalog/read-catalog';
import type { PrismaClient } from '../generated/prisma/client';

export const internalOperations = (prisma: PrismaClient): Operation[] => [
  implement(productInternal.quote, async ({ body }) => ({
    status: 200,
    body: await quote(
      prisma,
      body.items.map(({ productId }) => productId),
    ),
  })),

  implement(productInternal.replay, async ({ query }) => ({
    status: 200,
    body: await replay(prisma, { limit: query.limit, after: query.after }),
  })),
];
