import type { Invariant, Offence } from '../invariant';
import type { ShopView } from '../shop-view';

export const projectionsAgree: Invariant = {
  name: 'projections-agree',
  sentence:
    'What services know of each other from events is so: every account has its profile, every product its stock and its entry in the index, in the version that the catalog has.',
  async check(shop) {
    const [accounts, profiles, products, stock, index] = await Promise.all([
      ids(shop, 'auth', 'select id::text as id from accounts'),
      ids(
        shop,
        'profile',
        'select user_id::text as id from profiles union select user_id::text from erasures',
      ),
      shop.ask<{ id: string; sku: string; version: number; deleted: boolean }>(
        'product',
        'select id::text as id, sku, version, deleted_at is not null as deleted from product',
      ),
      ids(shop, 'inventory', 'select sku as id from stock'),
      shop.ask<{ id: string; version: number; deleted: boolean }>(
        'search',
        `select product_id::text as id, version, deleted from indexed_product
          where generation = (select active from index_pointer)`,
      ),
    ]);
    const indexed = new Map(index.map((entry) => [entry.id, entry]));
    const offences: Offence[] = [...accounts]
      .filter((id) => !profiles.has(id))
      .map((id) => ({ subject: id, problem: 'is an account without a profile' }));
    for (const { id, sku, version, deleted } of products) {
      if (!stock.has(sku)) offences.push({ subject: sku, problem: 'is a product without a stock' });
      const entry = indexed.get(id);
      if (deleted ? entry && !entry.deleted : entry?.version !== version)
        offences.push({
          subject: sku,
          problem: `has version ${version}, in the index ${entry?.version ?? 'none'}`,
        });
    }
    return { examined: accounts.size + products.length, offences };
  },
};

async function ids(
  shop: ShopView,
  service: 'auth' | 'profile' | 'inventory',
  text: string,
): Promise<Set<string>> {
  return new Set((await shop.ask<{ id: string }>(service, text)).map(({ id }) => id));
}
