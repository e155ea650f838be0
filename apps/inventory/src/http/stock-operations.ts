import { inventoryApi, inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { Id } from '@bulkhead/contracts/primitives';
import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { decodeCursor, nextLink } from '@bulkhead/service/http/cursor';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { etagOf, requireIfMatch } from '@bulkhead/service/http/preconditions';
import type { Ids } from '@bulkhead/service/ids';
import type { PrismaClient } from '../generated/prisma/client';
import { adjustStock } from '../stock/adjust-stock';
import { availability, listMovements, readStock } from '../stock/read-stock';
import { setStock } from '../stock/set-stock';

export const stockOperations = (dependencies: {
  database: Database;
  outbox: Outbox;
  ids: Ids;
  prisma: PrismaClient;
}): Operation[] => [
  implement(inventoryApi.getStock, async ({ params }) => {
    const { sku, onHand, version } = await readStock(dependencies.prisma, params.sku);
    return {
      status: 200,
      headers: { etag: etagOf(version) },
      body: { sku, available: onHand, status: onHand > 0 ? 'in-stock' : 'out-of-stock' },
    };
  }),

  implement(inventoryApi.setStock, async ({ params, headers, body }) => {
    const stock = await setStock(dependencies, params.sku, requireIfMatch(headers['if-match']), body);
    return { status: 200, headers: { etag: etagOf(stock.version) }, body: stock };
  }),

  implement(inventoryApi.adjustStock, async ({ params, body }, { user, idempotencyKey }) => {
    const requestKey = idempotencyKey === undefined ? null : `${user.id}/${idempotencyKey}`;
    const stock = await adjustStock(dependencies, { sku: params.sku, ...body, requestKey });
    return { status: 200, headers: { etag: etagOf(stock.version) }, body: stock };
  }),

  implement(inventoryApi.listMovements, async ({ params, query }) => {
    const before = decodeCursor(query.cursor, Id);
    const { items, hasMore } = await listMovements(dependencies.prisma, params.sku, {
      limit: query.limit,
      before,
    });
    const path = inventoryApi.listMovements.path.replace('{sku}', params.sku);
    return {
      status: 200,
      body: { items, next: hasMore ? nextLink(path, query, items.at(-1)!.movementId) : null },
    };
  }),

  implement(inventoryInternal.availability, async ({ body }) => ({
    status: 200,
    body: { items: await availability(dependencies.database, body.skus) },
  })),
];
