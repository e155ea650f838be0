import { randomUUID } from 'node:crypto';
import type { Money } from '@bulkhead/contracts/primitives';
import { createKnownErasures } from '@bulkhead/service/testing/known-erasures';

/** Faults of a fake peer. */
export type Fault =
  /** Responds with 503 without any effect. */
  | 'refuse'
  /** Responds with 503 after taking effect. */
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
 * The state of order's peers in a test, and the faults of their next calls. Shared by all fake peers, so that a test
 * can check money and stock against the order.
 */
export function createFakeShop() {
  return {
    products: new Map<string, Product>(),
    stock: new Map<string, number>(),
    reservations: new Map<string, Reservation>(),
    payments: new Map<string, Payment>(),
    /** The provider permanently rejects every refund. */
    refusesRefunds: false,
    /** The erasures that profile knows of. */
    erasures: createKnownErasures(),
    calls: [] as string[],
    /** Remaining deadline of each quote request, in ms. */
    quotedWithin: [] as number[],

    /** Chooses the fault of each call, if any. Replaced by tests. */
    fault: (_operation: string, _orderId: string): Fault | undefined => undefined,
    /** Awaited before a call takes effect. */
    before: async (_operation: string, _orderId: string): Promise<void> => undefined,
    /** Awaited after it took effect, before the response. */
    after: async (_operation: string, _orderId: string): Promise<void> => undefined,

    addProduct(sku: string, amount: number, stock: number, currency = 'EUR'): Product {
      const product = { productId: randomUUID(), sku, name: `The ${sku}`, price: { amount, currency } };
      this.products.set(product.productId, product);
      this.stock.set(sku, stock);
      return product;
    },

    /** Units that orders hold or have bought. */
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
