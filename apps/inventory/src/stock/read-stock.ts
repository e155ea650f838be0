import type { Stock } from '@bulkhead/contracts/inventory/api';
import type { Queryable } from '@bulkhead/database/database';
import type { InventoryDatabase } from '../database';
import { toStock, unknownSku } from './stock-row';

/** @throws ProblemError not-found */
export async function readStock({ prisma }: InventoryDatabase, sku: string): Promise<Stock> {
  const row = await prisma.stock.findUnique({ where: { sku } });
  if (!row) throw unknownSku();
  return toStock(row);
}

/** Available stock of each known SKU; read for every product page, so prepared. */
export async function availability(
  database: Queryable,
  skus: readonly string[],
): Promise<{ sku: string; available: number; version: number }[]> {
  // The client would send one parameter for each SKU, and have another statement planned on each product page.
  const { rows } = await database.query<{ sku: string; available: number; version: number }>({
    name: 'availability',
    text: 'select sku, on_hand as available, version from stock where sku = any($1::text[])',
    values: [skus],
  });
  return rows;
}

/**
 * A page of the journal of a SKU, newest first.
 * @param before id of the last movement of the previous page
 * @throws ProblemError not-found
 */
export async function listMovements(
  database: InventoryDatabase,
  sku: string,
  { limit, before }: { limit: number; before: string | undefined },
) {
  await readStock(database, sku);
  const rows = await database.prisma.movement.findMany({
    where: { sku, ...(before === undefined ? {} : { id: { lt: before } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map(({ id, delta, reason, at }) => ({
    movementId: id,
    sku,
    delta: Number(delta),
    reason,
    at: at.toISOString(),
  }));
  return { items, hasMore: rows.length > limit };
}
