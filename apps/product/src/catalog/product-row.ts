import type { Product, ProductDraft } from '@bulkhead/contracts/product/api';
import type { productUpdated } from '@bulkhead/contracts/product/events';
import type { DataOf } from '@bulkhead/contracts/event';
import type { Product as ProductRow } from '../generated/prisma/client';

/** The columns of a draft. */
export const columnsOf = ({ price, imageUrl, sku, slug, name, description, category }: ProductDraft) => ({
  sku,
  slug,
  name,
  description,
  category,
  price: price.amount,
  currency: price.currency,
  imageUrl: imageUrl ?? null,
});

export const toProduct = (row: ProductRow): Product => ({
  ...toSnapshot(row),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});

/** The product in events and replays. */
export const toSnapshot = (row: ProductRow): DataOf<typeof productUpdated> => ({
  productId: row.id,
  sku: row.sku,
  slug: row.slug,
  name: row.name,
  description: row.description,
  category: row.category,
  price: { amount: Number(row.price), currency: row.currency },
  imageUrl: row.imageUrl,
  updatedAt: row.updatedAt.toISOString(),
});
