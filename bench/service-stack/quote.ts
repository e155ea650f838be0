import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { Id, Sku } from '@bulkhead/contracts/primitives';
import { z } from 'zod';

export const quotePath = '/api/v1/quotes';

/** A POST as the shop has many: a small body, checked field by field, and a small answer. */
export const createQuote = defineEndpoint({
  operationId: 'createQuote',
  method: 'post',
  path: quotePath,
  summary: 'Tell a price',
  tag: 'bench',
  access: { kind: 'public' },
  priority: 'buy',
  body: z.object({
    currency: z.enum(['EUR', 'USD']),
    items: z
      .array(z.object({ productId: Id, sku: Sku, quantity: z.int().min(1).max(100) }))
      .min(1)
      .max(50),
  }),
  responses: {
    200: {
      description: 'the price',
      schema: z.object({
        currency: z.string(),
        total: z.int(),
        items: z.array(z.object({ sku: z.string(), quantity: z.int(), total: z.int() })),
      }),
    },
  },
});

export const quoteBody = JSON.stringify({
  currency: 'EUR',
  items: [
    { productId: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a', sku: 'MUG-BLUE-01', quantity: 2 },
    { productId: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6b', sku: 'CHAIR-OAK-04', quantity: 1 },
    { productId: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6c', sku: 'LAMP-DESK-11', quantity: 3 },
  ],
});

interface Request {
  readonly currency: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

/** What both stacks do with it. */
export function quote({ currency, items }: Request) {
  const lines = items.map(({ sku, quantity }) => ({ sku, quantity, total: quantity * 1_999 }));
  return { currency, total: lines.reduce((sum, { total }) => sum + total, 0), items: lines };
}
