import { sleep } from './open-loop';
import type { Shop } from './shop';

export interface Product {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
}

interface Page {
  readonly items: readonly Product[];
  readonly next: string | null;
}

const most = 1_000;

/** A shop that has just started fills its search index in some seconds. */
const indexedWithinMs = 30_000;

/** The products that are in stock, at most 1,000. @throws Error where there is none */
export async function findProducts(shop: Shop): Promise<readonly Product[]> {
  const until = performance.now() + indexedWithinMs;
  for (;;) {
    const late = performance.now() > until;
    try {
      const products = await search(shop);
      if (products.length > 0) return products;
    } catch (error) {
      // Until it has an index, search refuses.
      if (late || (error as { code?: string }).code === 'ECONNREFUSED') throw error;
    }
    if (late) throw new Error('The shop has nothing in stock; npm start -- --fresh fills it again.');
    await sleep(500);
  }
}

async function search(shop: Shop): Promise<readonly Product[]> {
  const products: Product[] = [];
  let path: string | null = '/api/v1/search?limit=100&inStock=true&sort=name';
  while (path !== null && products.length < most) {
    const page: Page = await shop.ask<Page>({ path });
    products.push(...page.items);
    path = page.next;
  }
  return products;
}

/** Pieces that may be bought now. */
export async function availableOf(shop: Shop, sku: string): Promise<number> {
  return (await shop.ask<{ available: number }>({ path: `/api/v1/stock/${sku}` })).available;
}
