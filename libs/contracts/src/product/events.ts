import { z } from 'zod';
import { defineEvent } from '../event';
import { Id, Money, Sku, Timestamp } from '../primitives';

/** The whole product as of `aggregateversion`, so that a consumer never has to call back. */
const snapshot = z.object({
  productId: Id,
  sku: Sku,
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  price: Money,
  imageUrl: z.string().nullable(),
  updatedAt: Timestamp,
});

export const productCreated = defineEvent({
  type: 'product.created.v1',
  source: 'product',
  description: 'A product joined the catalog.',
  data: snapshot,
});

export const productUpdated = defineEvent({
  type: 'product.updated.v1',
  source: 'product',
  description: 'A product changed; carries all of it.',
  data: snapshot,
});

export const productDeleted = defineEvent({
  type: 'product.deleted.v1',
  source: 'product',
  description: 'A product left the catalog.',
  data: z.object({ productId: Id, sku: Sku }),
});
