import type { SearchResult } from '@bulkhead/contracts/search/api';
import { withClient } from '@bulkhead/database/admin-client';
import { eventually } from '@bulkhead/testing/eventually';
import { smallCatalog } from '../testing/catalog';
import { createCatalog, productFails, type Shop, startShop } from '../testing/shop';

const newestFirst = smallCatalog.map(({ name }) => name).reverse();

/** Follows `next` from a page to the end. @returns the names, and whether any page came from the index */
async function walk(shop: Shop, from: string | null): Promise<{ names: string[]; degraded: boolean[] }> {
  const names: string[] = [];
  const degraded: boolean[] = [];
  for (let next = from; next !== null;) {
    const { body }: { body: SearchResult } = await shop.get(next);
    names.push(...body.items.map(({ name }) => name));
    degraded.push(body.degraded);
    next = body.next;
  }
  return { names, degraded };
}

describe('before the index is built', () => {
  let shop: Shop;
  beforeAll(async () => {
    const catalog = createCatalog(smallCatalog);
    catalog.beforePage = productFails;
    shop = await startShop({ catalog, built: false });
  });
  afterAll(() => shop.stop());

  test('everything, or a category, is listed from the catalog and marked', async () => {
    const { status, body } = await shop.get('/api/v1/search?category=kitchen&sort=price');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      degraded: true,
      total: null,
      facets: { categories: [], prices: [] },
      next: null,
      nextCursor: null,
    });
    expect(body.items).toHaveLength(6);
    expect(body.items[0]).toMatchObject({ name: 'Smørrebrød Board', inStock: null });
    expect((await walk(shop, '/api/v1/search?limit=5')).names).toEqual(newestFirst);
  });

  test.each(['q=kettle', 'minPrice=1', 'maxPrice=1', 'inStock=true', 'q=kettle&category=kitchen'])(
    '%s cannot be answered by a list: 503, with when to come again',
    async (query) => {
      const response = await fetch(`${shop.search.origin}/api/v1/search?${query}`, {
        headers: await shop.search.anonymous(),
      });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ type: 'urn:bulkhead:problem:unavailable' });
    },
  );

  test('a walk through the catalog ends there, also when the index is back', async () => {
    const { body: first } = await shop.get('/api/v1/search?limit=5');
    shop.catalog.beforePage = async () => undefined;
    await eventually(async () => !(await shop.get('/api/v1/search')).body.degraded, {
      what: 'the first index',
    });
    const rest = await walk(shop, first.next);
    expect(rest.degraded).toEqual([true, true]);
    expect([...first.items.map(({ name }) => name), ...rest.names]).toEqual(newestFirst);
  });
});

describe('while the database is away', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({
      catalog: createCatalog(smallCatalog),
      config: { SEARCH_INDEX_TIMEOUT_MS: '300' },
    });
  });
  afterAll(() => shop.stop());

  const asAdmin = (...statements: string[]) =>
    withClient(shop.search.testDatabase!.adminUrl, async (admin) => {
      for (const statement of statements) await admin.query(statement);
    });

  test('lists are degraded, searches unavailable, suggestions none; and all is well when it is back', async () => {
    const { name } = shop.search.testDatabase!;
    const { body: page } = await shop.get('/api/v1/search?limit=5');
    await asAdmin(
      `alter database ${name} connection limit 0`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
    );
    try {
      const { status, body } = await shop.get('/api/v1/search?category=sports');
      expect(status).toBe(200);
      expect(body.degraded).toBe(true);
      expect(body.items.map(({ name }) => name)).toEqual(['Running Shoes']);
      expect((await shop.get('/api/v1/search?q=kettle')).status).toBe(503);
      expect((await shop.get(page.next!)).status).toBe(503);
      expect(await shop.get('/api/v1/search/suggestions?q=kettle')).toEqual({
        status: 200,
        body: { items: [] },
      });
    } finally {
      await asAdmin(`alter database ${name} connection limit -1`);
    }
    await eventually(async () => (await shop.get('/api/v1/search?q=kettle')).body.total === 5);
    expect((await shop.get('/api/v1/search?category=sports')).body.degraded).toBe(false);
  });

  test('an index that hangs is not waited for, and what was asked of it is cancelled', async () => {
    await withClient(shop.search.testDatabase!.adminUrl, async (admin) => {
      await admin.query('begin');
      await admin.query('lock table indexed_product in access exclusive mode');
      const { status, body } = await shop.get('/api/v1/search');
      expect([status, body.degraded]).toEqual([200, true]);
      await eventually(
        async () => {
          const { rowCount } = await admin.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
              and query like 'with %matched%'`,
          );
          return rowCount === 0;
        },
        { what: 'the search being cancelled' },
      );
      await admin.query('rollback');
    });
    expect((await shop.get('/api/v1/search')).body.degraded).toBe(false);
  });

  test('with product away too, there is nothing left to answer with', async () => {
    const { name } = shop.search.testDatabase!;
    await shop.product.stop();
    await asAdmin(
      `alter database ${name} connection limit 0`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
    );
    try {
      expect((await shop.get('/api/v1/search')).status).toBe(503);
    } finally {
      await asAdmin(`alter database ${name} connection limit -1`);
    }
  });
});
