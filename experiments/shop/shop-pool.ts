import type { Shop, ShopKind, ShopOptions } from './shop';
import { startShop } from './start-shop';

/** Lets experiments that need the same kind of shop use one after the other: starting one takes longer than its load. */
export interface ShopPool {
  take(kind: ShopKind, options: ShopOptions): Promise<Shop>;
  /** @param sound false ends it: nobody else shall find what an experiment has left behind */
  giveBack(shop: Shop, sound: boolean): Promise<void>;
  close(): Promise<void>;
}

export function createShopPool(): ShopPool {
  let kept: { readonly key: string; readonly shop: Shop } | undefined;
  const end = async () => {
    const { shop } = kept ?? {};
    kept = undefined;
    await shop?.stop();
  };
  return {
    async take(kind, options) {
      const key = JSON.stringify([kind, options]);
      if (kept?.key === key) return kept.shop;
      await end();
      const shop = await startShop(kind, options);
      kept = { key, shop };
      return shop;
    },
    async giveBack(shop, sound) {
      if (!sound && kept?.shop === shop) await end();
    },
    close: end,
  };
}
