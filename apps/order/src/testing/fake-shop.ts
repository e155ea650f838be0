import { randomUUID } from 'node:crypto';
import type { Money } from '@bulkhead/contracts/primitives';
import { createKnownErasures } from '@bulkhead/service/testing/known-erasures';

/** How a call to a fake peer goes wrong. */
export type Fault =
  /** It answers 503 and has done nothing. */
  | 'refuse'
  /** It answers 503 though it has done its part. */
  | 'act-then-drop';

export interface Product {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  price: Money;
}

export interface Reservation {
  state: 'held' | 'committed' | 'released' | 'expired';
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface Payment {
  readonly paymentId: string;
  status:
    | 'authorising'
    | 'unknown'
    | 'requires_action'
    | 'authorised'
    | 'declined'
    | 'capturing'
    | 'captured'
    | 'voided'
    | 'refunded';
  amount: Money;
  captured: number;
  refunded: number;
  version: number;
}

/**
 * What the peers of order hold in a test, and how their next calls go wrong. One for all fake peers, so that a test can
 * check money and stock against the order.
 */
export function createFakeShop() {
  return {
    products: new Map<string, Product>(),
    stock: new Map<string, number>(),
    reservations: new Map<string, Reservation>(),
    payments: new Map<string, Payment>(),
    /** The provider refuses every refund, for good. */
    refusesRefunds: false,
    /** Those that profile knows of. */
    erasures: createKnownErasures(),
    calls: [] as string[],
    /** ms that each quote had left when it was asked for. */
    quotedWithin: [] as number[],

    /** Decides for each call how it goes wrong, if it does. Replaced by tests. */
    fault: (_operation: string, _orderId: string): Fault | undefined => undefined,
    /** Awaited before a call acts. */
    before: async (_operation: string, _orderId: string): Promise<void> => undefined,
    /** Awaited after it acted, before it answers. */
    after: async (_operation: string, _orderId: string): Promise<void> => undefined,

    addProduct(sku: string, amount: number, stock: number, currency = 'EUR'): Product {
      const product = { productId: randomUUID(), sku, name: `The ${sku}`, price: { amount, currency } };
      this.products.set(product.productId, product);
      this.stock.set(sku, stock);
      return product;
    },

    /** Pieces that orders hold or have bought. */
    taken(sku: string): number {
      let pieces = 0;
      for (const { state, lines } of this.reservations.values())
        if (state === 'held' || state === 'committed')
          for (const line of lines) if (line.sku === sku) pieces += line.quantity;
      return pieces;
    },
  };
}

export type FakeShop = ReturnType<typeof createFakeShop>;
