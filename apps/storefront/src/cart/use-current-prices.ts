import { useEffect, useRef, useState } from 'react';
import type { Money, Product } from '../api/types';
import { useShop } from '../shop';
import type { CartLine } from './cart';

export interface PriceChange {
  readonly name: string;
  readonly from: Money;
  readonly to: Money;
}

/**
 * Fetches the current prices of the cart's products once, and updates the cart. If the catalog is down, nothing
 * changes.
 */
export function useCurrentPrices(lines: readonly CartLine[]): readonly PriceChange[] {
  const { ask, cart } = useShop();
  const [changes, setChanges] = useState<readonly PriceChange[]>([]);
  const atFirst = useRef(lines);
  useEffect(() => {
    const ending = new AbortController();
    for (const { productId, price, name } of atFirst.current)
      ask<Product>(`/api/v1/products/${productId}`, { signal: ending.signal }).then(
        ({ price: present }) => {
          if (present.amount === price.amount && present.currency === price.currency) return;
          cart.setPrice(productId, present);
          setChanges((known) => [...known, { name, from: price, to: present }]);
        },
        () => undefined,
      );
    return () => ending.abort();
  }, [ask, cart]);
  return changes;
}
