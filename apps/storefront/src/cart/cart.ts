import type { Money } from '../api/types';

/** An item as displayed when it was added: the cart can be shown while every service is down. */
export interface CartLine {
  readonly productId: string;
  readonly slug: string;
  readonly name: string;
  readonly category: string;
  /** Unit price, in minor units. */
  readonly price: Money;
  readonly quantity: number;
}

export interface Cart {
  lines(): readonly CartLine[];
  subscribe(listener: () => void): () => void;
  /** Adds units, up to the API's maximum per product. */
  add(product: Omit<CartLine, 'quantity'>, quantity: number): void;
  /** 0 removes the line. */
  setQuantity(productId: string, quantity: number): void;
  /** Updates a price that has changed. */
  setPrice(productId: string, price: Money): void;
  /** Removes what was ordered; what was added meanwhile, for example in another tab, stays. */
  takeOut(ordered: readonly { readonly productId: string; readonly quantity: number }[]): void;
}

export interface CartDependencies {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** Registers a listener for storage changes in other tabs. */
  readonly onStorage: (listener: (key: string | null) => void) => void;
}

/** Maximum quantity of one product and maximum products per order, as in the API. */
export const maxQuantity = 99;
export const maxLines = 50;

const key = 'bulkhead.cart';

/**
 * A cart in the browser's storage. Each change starts from the currently stored cart, so that concurrent tabs lose
 * nothing.
 */
export function createCart({ storage, onStorage }: CartDependencies): Cart {
  const listeners = new Set<() => void>();
  let lines = read(storage);
  const notify = () => listeners.forEach((listener) => listener());
  const change = (edit: (stored: readonly CartLine[]) => readonly CartLine[]) => {
    lines = edit(read(storage));
    storage.setItem(key, JSON.stringify(lines));
    notify();
  };
  const edit = (productId: string, to: (line: CartLine) => CartLine) =>
    change((stored) =>
      stored
        .map((line) => (line.productId === productId ? to(line) : line))
        .filter(({ quantity }) => quantity > 0),
    );
  onStorage((changed) => {
    if (changed !== key && changed !== null) return;
    lines = read(storage);
    notify();
  });

  return {
    lines: () => lines,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (product, quantity) =>
      change((stored) => {
        const present = stored.find(({ productId }) => productId === product.productId);
        if (!present && stored.length >= maxLines) return stored;
        const line = { ...product, quantity: Math.min(maxQuantity, (present?.quantity ?? 0) + quantity) };
        return present ? stored.map((each) => (each === present ? line : each)) : [...stored, line];
      }),
    setQuantity: (productId, quantity) =>
      edit(productId, (line) => ({
        ...line,
        quantity: Math.min(maxQuantity, Math.max(0, Math.floor(quantity))),
      })),
    setPrice: (productId, price) => edit(productId, (line) => ({ ...line, price })),
    takeOut: (ordered) =>
      change((stored) =>
        stored
          .map((line) => {
            const taken = ordered.find(({ productId }) => productId === line.productId)?.quantity ?? 0;
            return { ...line, quantity: line.quantity - taken };
          })
          .filter(({ quantity }) => quantity > 0),
      ),
  };
}

/** @returns the sum; undefined for an empty cart, and for prices in several currencies, which are ordered separately */
export function totalOf(lines: readonly CartLine[]): Money | undefined {
  const currency = lines[0]?.price.currency;
  if (currency === undefined || lines.some(({ price }) => price.currency !== currency)) return undefined;
  return { amount: lines.reduce((sum, { price, quantity }) => sum + price.amount * quantity, 0), currency };
}

export const countOf = (lines: readonly CartLine[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** The stored data may be from another version of this page, or from any other source. */
function read(storage: Pick<Storage, 'getItem'>): readonly CartLine[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isLine).slice(0, maxLines) : [];
  } catch {
    return [];
  }
}

function isLine(value: unknown): value is CartLine {
  const { productId, slug, name, category, price, quantity } = (value ?? {}) as Record<string, unknown>;
  const { amount, currency } = (price ?? {}) as Record<string, unknown>;
  return (
    [productId, slug, name, category, currency].every((text) => typeof text === 'string') &&
    Number.isSafeInteger(amount) &&
    Number.isInteger(quantity) &&
    (quantity as number) >= 1 &&
    (quantity as number) <= maxQuantity
  );
}
