import type { Product, QuotedItem, ReplayedProduct } from '@bulkhead/contracts/product/api';
import { problem } from '@bulkhead/service/errors';
import { z } from 'zod';
import type { PrismaClient } from '../generated/prisma/client';
import { toProduct, toSnapshot } from './product-row';

/**
 * A page of the catalog, newest first (ids sort by time).
 * @param before id of the last product of the page before
 */
export async function listProducts(
  prisma: PrismaClient,
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
export async function findProduct(prisma: PrismaClient, idOrSlug: string): Promise<Product> {
  const isId = z.uuid().safeParse(idOrSlug).success;
  const row = await prisma.product.findFirst({
    where: { deletedAt: null, ...(isId ? { id: idOrSlug } : { slug: idOrSlug }) },
  });
  if (!row) throw problem('not-found', 'There is no such product.');
  return toProduct(row);
}

export async function listCategories(
  prisma: PrismaClient,
): Promise<{ category: string; products: number }[]> {
  const groups = await prisma.product.groupBy({
    by: ['category'],
    where: { deletedAt: null },
    _count: true,
    orderBy: { category: 'asc' },
  });
  return groups.map(({ category, _count }) => ({ category, products: _count }));
}

/** What an order pays for each product, as of now. */
export async function quote(
  prisma: PrismaClient,
  productIds: readonly string[],
): Promise<{ items: QuotedItem[]; unknown: string[] }> {
  const rows = await prisma.product.findMany({ where: { id: { in: [...productIds] }, deletedAt: null } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const wanted = [...new Set(productIds)];
  return {
    items: wanted.flatMap((id) => {
      const row = byId.get(id.toLowerCase());
      if (!row) return [];
      const { productId, sku, name, price } = toSnapshot(row);
      return [{ productId, sku, name, price, version: row.version }];
    }),
    unknown: wanted.filter((id) => !byId.has(id.toLowerCase())),
  };
}

/** Every product as of now, in the order of ids, also those that left the catalog. */
export async function replay(
  prisma: PrismaClient,
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
