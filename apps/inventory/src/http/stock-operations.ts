import { inventoryApi, inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { Id } from '@bulkhead/contracts/primitives';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { decodeCursor, nextPage } from '@bulkhead/service/http/cursor';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { etagOf, requireIfMatch } from '@bulkhead/service/http/preconditions';
import type { Ids } from '@bulkhead/service/ids';
import type { InventoryDatabase } from '../database';
import { adjustStock } from '../stock/adjust-stock';
import { availability, listMovements, readStock } from '../stock/read-stock';
import { setStock } from '../stock/set-stock';

export const stockOperations = (dependencies: {
  database: InventoryDatabase;
  outbox: Outbox;
  ids: Ids;
}): Operation[] => [
  implement(inventoryApi.getStock, async ({ params }) => {
    const { sku, onHand, version } = await readStock(dependencies.database, params.sku);
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
    const { items, hasMore } = await listMovements(dependencies.database, params.sku, {
      limit: query.limit,
      before,
    });
    const path = inventoryApi.listMovements.path.replace('{sku}', params.sku);
    return {
      status: 200,
      body: { items, ...nextPage(path, query, hasMore ? items.at(-1)?.movementId : undefined) },
    };
  }),

  implement(inventoryInternal.availability, async ({ body }) => ({
    status: 200,
    body: { items: await availability(dependencies.database, body.skus) },
  })),
];
