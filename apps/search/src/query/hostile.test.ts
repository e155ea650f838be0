import fc from 'fast-check';
import { smallCatalog } from '../testing/catalog';
import { createCatalog, type Shop, startShop } from '../testing/shop';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ catalog: createCatalog(smallCatalog) });
});
afterAll(() => shop.stop());

const ask = async (q: string) => {
  const query = new URLSearchParams({ q });
  const [search, suggestions] = await Promise.all([
    shop.get(`/api/v1/search?${query.toString()}`),
    shop.get(`/api/v1/search/suggestions?${query.toString()}`),
  ]);
  return { search, suggestions };
};

test.each([
  `kettle & | ! ( ) <-> :* :A`,
  `'`,
  `''':*`,
  `kettle' | 'teapot`,
  `"kettle`,
  `\\`,
  `kettle\\`,
  `%`,
  `_____`,
  `'; drop table indexed_product; --`,
  `$1 $$ :name ?`,
  `&&&&`,
  `🫖 🔥`,
  `👨‍👩‍👧`,
  `the and of`,
  `a`,
  'x'.repeat(100),
  'ŉ ʼ ʼʼʼ ½ № ﬃ',
  'ß İ ı ſ Ω',
  'e\u0301\u0301\u0301\u0301',
  '\u0301',
  '\u200b\u202e\ufeff',
  'a b c d e f g h i j k l m n o p q r s t',
  '1e999 0x1F -1 1.2.3 foo@bar.com http://a/b?c=d a-b_c',
  'مرحبا שלום 漆器 こんにちは',
])('%s is searched for without harm', async (q) => {
  const { search, suggestions } = await ask(q);
  expect([search.status, suggestions.status]).toEqual([200, 200]);
  expect(search.body.degraded).toBe(false);
});

test('operators in a query are no operators', async () => {
  const { search } = await ask('!kettle');
  expect(search.body.items.every(({ name }) => /kettle|teapot/i.test(name))).toBe(true);
  expect(search.body.total).toBe(5);
  expect((await ask('shears | lamp')).search.body.total).toBe(0);
});

test('signs that are no words find nothing, not everything', async () => {
  for (const q of ['%', '🫖', '***']) expect((await ask(q)).search.body.total).toBe(0);
});

test.each([
  ['NUL', 'q=a%00b'],
  ['a line break', 'q=a%0Ab'],
  ['too much text', `q=${'a'.repeat(201)}`],
  ['half a surrogate', 'q=%ED%A0%80'],
  ['an unknown parameter', 'q=a&order=price'],
  ['an unknown sort', 'q=a&sort=rank'],
  ['a negative price', 'minPrice=-1'],
  ['a fractional price', 'minPrice=1.5'],
  ['an overflowing price', 'maxPrice=99999999999999999999'],
  ['an odd category', 'category=%27%20or%201=1'],
  ['no truth value', 'inStock=maybe'],
  ['a limit of none', 'limit=0'],
  ['a parameter given twice', 'q=a&q=b'],
])('%s is refused', async (_what, query) => {
  const { status } = await shop.get(`/api/v1/search?${query.toString()}`);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
});

test('whatever text is asked for, the answer is never an error of ours', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.string({ unit: fc.constantFrom(...`'"\\%_&|!()<>:*- aketle\u0301½ŉ`), maxLength: 60 }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (q) => {
      const { search, suggestions } = await ask(q);
      for (const { status } of [search, suggestions]) expect(status).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
});
