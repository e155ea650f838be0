import type { Product } from '@bulkhead/contracts/product/api';
import type { productUpdated } from '@bulkhead/contracts/product/events';
import type { DataOf } from '@bulkhead/contracts/event';

/** A row of the table, as both Prisma and the statements of this folder give it. */
export interface ProductRow {
  readonly id: string;
  readonly sku: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: number | bigint;
  readonly currency: string;
  readonly imageUrl: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Everything a statement returns of a product, named as ProductRow names it. */
export const productColumns =
  'id, sku, slug, name, description, category, price, currency, image_url as "imageUrl", version, ' +
  'created_at as "createdAt", updated_at as "updatedAt"';

export const toProduct = (row: ProductRow): Product => ({
  ...toSnapshot(row),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
});

/** The product as events and replays carry it. */
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
