import type { Product, ReplayedProduct } from '@bulkhead/contracts/product/api';
import { problem } from '@bulkhead/service/errors';
import { z } from 'zod';
import type { ProductDatabase } from '../database';
import { toProduct, toSnapshot } from './product-row';

/**
 * A page of the catalog, newest first (ids sort by time).
 * @param before id of the last product of the previous page
 */
export async function listProducts(
  { prisma }: ProductDatabase,
  { limit, before, category }: { limit: number; before: string | undefined; category: string | undefined },
): Promise<{ items: Product[]; hasMore: boolean }> {
  const rows = await prisma.product.findMany({
    where: {
      deletedAt: null,
      ...(category === undefined ? {} : { category }),
      ...(before === undefined ? {} : { id: { lt: before } }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  return { items: rows.slice(0, limit).map(toProduct), hasMore: rows.length > limit };
}

/** @throws ProblemError not-found */
export const findProduct = (database: ProductDatabase, idOrSlug: string): Promise<Product> =>
  z.uuid().safeParse(idOrSlug).success
    ? findBy(database, { id: idOrSlug })
    : findProductBySlug(database, idOrSlug);

/** @throws ProblemError not-found */
export const findProductBySlug = (database: ProductDatabase, slug: string): Promise<Product> =>
  findBy(database, { slug });

async function findBy({ prisma }: ProductDatabase, key: { id: string } | { slug: string }): Promise<Product> {
  const row = await prisma.product.findFirst({ where: { deletedAt: null, ...key } });
  if (!row) throw problem('not-found', 'There is no such product.');
  return toProduct(row);
}

export async function listCategories({
  prisma,
}: ProductDatabase): Promise<{ category: string; products: number }[]> {
  const groups = await prisma.product.groupBy({
    by: ['category'],
    where: { deletedAt: null },
    _count: true,
    orderBy: { category: 'asc' },
  });
  return groups.map(({ category, _count }) => ({ category, products: _count }));
}

/** Every product in its current state, in the order of ids, including deleted ones. */
export async function replay(
  { prisma }: ProductDatabase,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<{ items: ReplayedProduct[]; nextAfter: string | null }> {
  const rows = await prisma.product.findMany({
    where: after === undefined ? {} : { id: { gt: after } },
    orderBy: { id: 'asc' },
    take: limit + 1,
  });
  const items = rows
    .slice(0, limit)
    .map((row) => ({ ...toSnapshot(row), version: row.version, deleted: row.deletedAt !== null }));
  return { items, nextAfter: rows.length > limit ? items.at(-1)!.productId : null };
}
