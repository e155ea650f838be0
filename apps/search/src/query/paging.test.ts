import {
  searchSorts,
  type SearchHit,
  type SearchResult,
  type SearchSort,
} from '@bulkhead/contracts/search/api';
import { eventually } from '@bulkhead/testing/eventually';
import fc from 'fast-check';
import { product } from '../testing/catalog';
import { createCatalog, type Shop, startShop } from '../testing/shop';

const adjectives = ['Red', 'Blue', 'Élan', 'green', 'Zinc', '漆器'];
const things = ['Kettle', 'Teapot', 'Bowl', 'Kettle Stand', 'Lamp'];
const categories = ['kitchen', 'household', 'lighting'];

/** Many products share names and prices, so that the order between equals matters. */
const catalog = Array.from({ length: 140 }, (_, n) =>
  product(n + 1, `${adjectives[n % 6]} ${things[n % 5]}`, {
    category: categories[n % 3]!,
    price: [990, 990, 2_500, 4_999, 12_000][(n * 7) % 5]!,
    description: n % 4 === 0 ? 'Goes with a kettle.' : '',
  }),
);

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ catalog: createCatalog(catalog), config: { SEARCH_REBUILD_PAGE: '33' } });
});
afterAll(() => shop.stop());

async function walk(query: Record<string, string>): Promise<SearchHit[]> {
  const found: SearchHit[] = [];
  let next: string | null = `/api/v1/search?${new URLSearchParams(query).toString()}`;
  for (let page = 0; next !== null; page++) {
    expect(page).toBeLessThanOrEqual(catalog.length);
    const { status, body }: { status: number; body: SearchResult } = await shop.get(next);
    expect(status).toBe(200);
    expect(body.total).toBeGreaterThanOrEqual(body.items.length);
    found.push(...body.items);
    next = body.next;
    expect(body.nextCursor).toBe(body.next && new URL(body.next, 'http://shop').searchParams.get('cursor'));
  }
  return found;
}

const inOrder: Record<SearchSort, (a: SearchHit, b: SearchHit) => boolean> = {
  relevance: () => true,
  price: (a, b) => a.price.amount <= b.price.amount,
  '-price': (a, b) => a.price.amount >= b.price.amount,
  name: (a, b) => {
    const key = ({ name }: SearchHit) => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    return Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b))) <= 0;
  },
  newest: (a, b) => a.productId > b.productId,
};

test('walking all pages gives every hit exactly once and in order, however it is sorted and filtered', async () => {
  const query = fc.record(
    {
      q: fc.constantFrom('kettle', 'ketle', 'red ketle', 'e', 'elan', '漆器', 'kettle stand', 'nothing'),
      category: fc.constantFrom(...categories),
      minPrice: fc.constantFrom('0', '991', '2500'),
      maxPrice: fc.constantFrom('990', '5000', '12000'),
      sort: fc.constantFrom(...searchSorts),
      limit: fc.integer({ min: 3, max: 60 }).map(String),
    },
    { requiredKeys: ['sort', 'limit'] },
  );
  await fc.assert(
    fc.asyncProperty(query, async (query) => {
      const found = await walk(query);
      const whole = await shop.get(
        `/api/v1/search?${new URLSearchParams({ ...query, limit: '100' }).toString()}`,
      );
      expect(found).toHaveLength(whole.body.total!);
      expect(new Set(found.map(({ productId }) => productId)).size).toBe(found.length);
      expect(found.slice(0, 100)).toEqual(whole.body.items);
      for (const [index, hit] of found.entries())
        if (index > 0) expect(inOrder[query.sort](found[index - 1]!, hit)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('the whole catalog can be walked by name, also where names begin alike for long', async () => {
  const found = await walk({ sort: 'name', limit: '17' });
  expect(found.map(({ productId }) => productId).sort()).toEqual(catalog.map(({ productId }) => productId));
});

test('a walk goes on over a swap of the index', async () => {
  const { body: first } = await shop.get('/api/v1/search?sort=price&limit=50');
  const headers = await shop.search.as('0190c0de-0000-7000-8000-000000000001', ['admin']);
  const { generation } = (await (
    await fetch(`${shop.search.origin}/api/v1/search/rebuild`, { method: 'POST', headers })
  ).json()) as { generation: number };
  await eventually(async () => {
    const status = await fetch(`${shop.search.origin}/api/v1/search/rebuild`, { headers });
    return ((await status.json()) as { generation: number }).generation > generation;
  });
  const { body: second } = await shop.get(first.next!);
  const { body: third } = await shop.get(second.next!);
  const ids = [first, second, third].flatMap(({ items }) => items.map(({ productId }) => productId));
  expect(new Set(ids).size).toBe(catalog.length);
});

test('a cursor of another order, or of nobody, is refused', async () => {
  const { body } = await shop.get('/api/v1/search?sort=price&limit=5');
  const cursor = new URL(body.next!, 'http://search').searchParams.get('cursor')!;
  const forged = [
    cursor.slice(0, -4),
    'e30',
    Buffer.from('{"from":"index","sort":"name","matching":"words","key":"\\u0000","id":"x"}').toString(
      'base64url',
    ),
    Buffer.from('{"from":"index","sort":"name","matching":"any","key":1e30,"id":"x"}').toString('base64url'),
    Buffer.from('null').toString('base64url'),
  ];
  for (const query of [
    `sort=name&cursor=${cursor}`,
    ...forged.map((value) => `sort=price&cursor=${value}`),
  ]) {
    const { status, body } = await shop.get<{ errors: { pointer: string }[] }>(
      `/api/v1/search?${query.toString()}`,
    );
    expect(status).toBe(422);
    expect(body.errors[0]?.pointer).toBe('/query/cursor');
  }
});

test('a forged catalog cursor is refused by product, and so by search', async () => {
  const cursor = Buffer.from('{"from":"catalog","cursor":"e30"}').toString('base64url');
  expect((await shop.get(`/api/v1/search?cursor=${cursor}`)).status).toBe(422);
});
