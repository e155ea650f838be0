import { createCatalog, type Shop, startShop } from '../testing/shop';
import { smallCatalog } from '../testing/catalog';

let shop: Shop;
beforeAll(async () => {
  const catalog = createCatalog(smallCatalog);
  catalog.stock.set('KET-ENAMEL-RED', { available: 3, version: 4 });
  catalog.stock.set('SKU-2', { available: 0, version: 2 });
  shop = await startShop({ catalog });
});
afterAll(() => shop.stop());

const names = (query: Record<string, string>) => shop.names(new URLSearchParams(query).toString());

describe('what is found', () => {
  test('products named so come before those that only mention it', async () => {
    const found = await names({ q: 'kettle' });
    expect(found).toHaveLength(5);
    expect(found.slice(0, 4).every((name) => name.includes('Kettle'))).toBe(true);
    expect(found.at(-1)).toBe('Teapot');
  });

  test('every word counts', async () => {
    expect(await names({ q: 'enamel kettle blue' })).toEqual(['Enamel Kettle, blue']);
    expect(await names({ q: 'blue, KETTLE' })).toEqual(['Enamel Kettle, blue']);
  });

  test('the singular finds the plural and the reverse', async () => {
    expect(await names({ q: 'kettles' })).toEqual(await names({ q: 'kettle' }));
    expect(await names({ q: 'shear' })).toEqual(['Garden Shears']);
  });

  test('typing errors are forgiven', async () => {
    for (const typo of ['ketle', 'kettel', 'kettlle', 'keetle']) {
      const found = await names({ q: typo });
      expect(found.filter((name) => name.includes('Kettle'))).toHaveLength(4);
    }
    expect(await names({ q: 'enamel ketle blue' })).toEqual(['Enamel Kettle, blue']);
    expect(await names({ q: 'shers' })).toEqual(['Garden Shears']);
  });

  test('nothing merely similar is shown where something matches', async () => {
    expect(await names({ q: 'teapot' })).toEqual(['Teapot']);
  });

  test.each([
    ['cafe', 'Café au Lait Bowl'],
    ['CAFÉ', 'Café au Lait Bowl'],
    ['cafe\u0301', 'Café au Lait Bowl'],
    ['creme brulee', 'Crème Brûlée Set'],
    ['smorrebrod', 'Smørrebrød Board'],
    ['ｋｅｔｔｌｅ descaler', 'Kettle Descaler'],
  ])('accents and width of letters do not matter: %s', async (q, name) => {
    expect(await names({ q })).toEqual([name]);
  });

  test('the last word may be unfinished', async () => {
    expect(await names({ q: 'descal' })).toEqual(['Kettle Descaler']);
    expect(await names({ q: 'enamel ket' })).toHaveLength(2);
    expect(await names({ q: 'runni' })).toEqual(['Running Shoes']);
  });

  test('categories, SKUs and numbers are found too', async () => {
    expect(await names({ q: 'lighting' })).toEqual(['Desk Lamp 40W']);
    expect(await names({ q: '40w lamp' })).toEqual(['Desk Lamp 40W']);
    expect((await names({ q: 'KET-ENAMEL-RED' }))[0]).toBe('Enamel Kettle, red');
  });

  test('stop words do no harm', async () => {
    expect(await names({ q: 'the kettle for the descaler' })).toEqual(['Kettle Descaler']);
    expect(await names({ q: 'the' })).toEqual(['The Who: Greatest Hits']);
    expect(await names({ q: 'kettle with a' })).toHaveLength(5);
  });

  test('what is not there is not found, with empty facets', async () => {
    const { body } = await shop.get('/api/v1/search?q=submarine');
    expect(body).toEqual({
      items: [],
      next: null,
      nextCursor: null,
      total: 0,
      facets: { categories: [], prices: [] },
      degraded: false,
    });
  });

  test('without words everything is there, newest first', async () => {
    expect(await names({})).toEqual(smallCatalog.map(({ name }) => name).reverse());
    for (const q of ['', '  ']) {
      const { status, body } = await shop.get(`/api/v1/search?q=${encodeURIComponent(q)}`);
      expect([status, (body as any).errors[0].pointer]).toEqual([422, '/query/q']);
    }
  });
});

describe('filters and facets', () => {
  test('category and prices narrow the search, both ends included', async () => {
    expect(await names({ q: 'kettle', category: 'household' })).toEqual(['Kettle Descaler']);
    expect(await names({ minPrice: '2400', maxPrice: '2500', sort: 'price' })).toEqual([
      'Crème Brûlée Set',
      'Garden Shears',
    ]);
    expect(await names({ minPrice: '3000', maxPrice: '2000' })).toEqual([]);
  });

  test('a filter that leaves nothing does not turn the words into a guess', async () => {
    expect(await names({ q: 'teapot', category: 'garden-tools' })).toEqual([]);
  });

  test('stock is known where inventory told', async () => {
    expect(await names({ inStock: 'true' })).toEqual(['Enamel Kettle, red']);
    expect(await names({ inStock: 'false' })).toEqual(['Enamel Kettle, blue']);
    const { body } = await shop.get('/api/v1/search?q=kettle&sort=name');
    expect(body.items.map(({ inStock }) => inStock)).toEqual([null, false, true, null, null]);
  });

  test('each facet counts what the other filters leave', async () => {
    const { body } = await shop.get('/api/v1/search?q=kettle&category=kitchen&maxPrice=4000');
    expect(body.total).toBe(3);
    expect(body.facets.categories).toEqual([
      { category: 'kitchen', count: 3 },
      { category: 'household', count: 1 },
    ]);
    expect(body.facets.prices).toEqual([
      { currency: 'EUR', from: 2_500, to: 5_000, count: 3 },
      { currency: 'EUR', from: 5_000, to: 10_000, count: 1 },
    ]);
  });

  test('the highest price range has no end', async () => {
    const cheap = await shop.get('/api/v1/search?q=shoes');
    expect(cheap.body.facets.prices).toEqual([{ currency: 'EUR', from: 5_000, to: 10_000, count: 1 }]);
    const all = await shop.get('/api/v1/search?category=household');
    expect(all.body.facets.prices).toEqual([{ currency: 'EUR', from: 0, to: 1_000, count: 1 }]);
  });

  test('an empty price is no price of nothing', async () => {
    for (const price of ['', '%20', '+5', '0x10']) {
      const { status, body } = await shop.get(`/api/v1/search?maxPrice=${price}`);
      expect({ price, status, pointer: (body as any).errors[0].pointer }).toEqual({
        price,
        status: 422,
        pointer: '/query/maxPrice',
      });
    }
  });

  test('prices in several currencies are counted and filtered apart', async () => {
    const teapot = smallCatalog.find(({ name }) => name === 'Teapot')!;
    await shop.change({ ...teapot, price: { amount: 2_900, currency: 'JPY' } });
    await shop.settled();
    const { body } = await shop.get('/api/v1/search?q=kettle&category=kitchen');
    expect(body.facets.prices).toEqual([
      { currency: 'EUR', from: 2_500, to: 5_000, count: 2 },
      { currency: 'EUR', from: 5_000, to: 10_000, count: 1 },
      { currency: 'JPY', from: 2_500, to: 5_000, count: 1 },
    ]);
    const yen = await shop.get('/api/v1/search?currency=JPY&maxPrice=3000');
    expect(yen.body.items.map(({ name }) => name)).toEqual(['Teapot']);
    expect([yen.body.total, yen.body.facets.categories]).toEqual([1, [{ category: 'kitchen', count: 1 }]]);
    expect(yen.body.facets.prices).toEqual([{ currency: 'JPY', from: 2_500, to: 5_000, count: 1 }]);
    expect((await shop.get('/api/v1/search?currency=XXX')).status).toBe(422);
    await shop.change(teapot);
    await shop.settled();
  });
});

describe('suggestions', () => {
  const suggest = async (q: string, limit = 8) => {
    const query = new URLSearchParams({ q, limit: String(limit) });
    const { status, body } = await shop.get<{ items: { kind: string; text: string; slug: string }[] }>(
      `/api/v1/search/suggestions?${query.toString()}`,
    );
    expect(status).toBe(200);
    return body.items.map(({ kind, text }) => `${kind}: ${text}`);
  };

  test('names that go on like what was typed come first', async () => {
    const found = await suggest('ket');
    expect(found[0]).toBe('product: Kettle Descaler');
    expect(found).toHaveLength(4);
  });

  test('categories are suggested with their slug', async () => {
    const { body } = await shop.get('/api/v1/search/suggestions?q=gard');
    expect(body.items).toEqual([
      { kind: 'category', text: 'garden tools', slug: 'garden-tools' },
      { kind: 'product', text: 'Garden Shears', slug: 'product-9' },
    ]);
  });

  test('accents and typing errors are forgiven', async () => {
    expect(await suggest('creme bru')).toEqual(['product: Crème Brûlée Set']);
    expect((await suggest('ketl')).length).toBeGreaterThan(0);
    expect((await suggest('enamel ketle'))[0]).toContain('Kettle');
  });

  test('no more than asked for', async () => {
    expect(await suggest('kettle', 2)).toHaveLength(2);
    expect(await suggest('%%%')).toEqual([]);
  });
});
