import type { z } from 'zod';
import type { NewOrder } from '@bulkhead/contracts/order/api';
import { maxAmount, type Money } from '@bulkhead/contracts/primitives';
import type { QuotedItem } from '@bulkhead/contracts/product/api';
import { problem } from '@bulkhead/service/errors';

export type OrderRequest = z.output<typeof NewOrder>;

export interface PricedLine {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Minor units. */
  readonly unitPrice: number;
}

export interface PricedOrder {
  readonly lines: readonly PricedLine[];
  readonly total: Money;
}

/** @throws ProblemError `invalid-request` when a product occurs in more than one item */
export function requireDistinctProducts({ items }: OrderRequest): void {
  const seen = new Set<string>();
  items.forEach(({ productId }, index) => {
    const id = productId.toLowerCase();
    if (seen.has(id)) throw invalid(`/body/items/${index}/productId`, 'must not repeat an earlier item');
    seen.add(id);
  });
}

/**
 * Prices a request from the catalog's quote; prices sent by the buyer are never used.
 * @throws ProblemError `unknown-product`, `invalid-request` (several currencies, total too large) or `price-changed`
 */
export function priceOrder(
  { items, expectedTotal }: OrderRequest,
  quote: { readonly items: readonly QuotedItem[] },
): PricedOrder {
  const quoted = new Map(quote.items.map((item) => [item.productId, item]));
  const unknown = items.flatMap(({ productId }, index) =>
    quoted.has(productId.toLowerCase())
      ? []
      : [{ pointer: `/body/items/${index}/productId`, detail: 'is not in the catalog' }],
  );
  if (unknown.length > 0) throw problem('unknown-product', { errors: unknown });

  const lines = items.map(({ productId, quantity }) => {
    const item = quoted.get(productId.toLowerCase()) as QuotedItem;
    return { ...item, quantity };
  });
  const currency = (lines[0] as (typeof lines)[0]).price.currency;
  if (lines.some(({ price }) => price.currency !== currency))
    throw invalid('/body/items', 'must all have prices in one currency; order them apart');
  // Exact: at most 50 lines of 99 pieces at 10^11 are below 2^53.
  const amount = lines.reduce((sum, { price, quantity }) => sum + price.amount * quantity, 0);
  if (amount > maxAmount) throw invalid('/body/items', 'come to more than the shop can charge at once');
  if (amount === 0) throw invalid('/body/items', 'cost nothing, which cannot be paid');

  const total = { amount, currency };
  if (expectedTotal && (expectedTotal.amount !== amount || expectedTotal.currency !== currency))
    throw problem('price-changed', { extensions: { total } });
  return {
    total,
    lines: lines.map(({ productId, sku, name, quantity, price }) => ({
      productId,
      sku,
      name,
      quantity,
      unitPrice: price.amount,
    })),
  };
}

const invalid = (pointer: string, detail: string) =>
  problem('invalid-request', { errors: [{ pointer, detail }] });
