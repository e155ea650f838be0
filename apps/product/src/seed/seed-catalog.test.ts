import { exampleStock } from '@bulkhead/contracts/product/catalog-seed';
import { ProductDraft } from '@bulkhead/contracts/product/api';
import { eventually } from '@bulkhead/testing/eventually';
import { refuseSeedInProduction } from '../config';
import { draft, type ProductUnderTest, startProduct } from '../testing/start-product';
import { exampleCatalog } from './example-catalog';

const products = exampleCatalog();

describe('the example shop', () => {
  test('has at least 200 different products in 12 categories, all valid', () => {
    expect(products.length).toBeGreaterThanOrEqual(200);
    expect(new Set(products.map(({ category }) => category)).size).toBe(12);
    for (const key of ['id', 'sku', 'slug', 'name', 'description'] as const)
      expect(new Set(products.map((product) => product[key])).size).toBe(products.length);
    for (const { sku, slug, name, description, category, price, currency } of products)
      ProductDraft.parse({ sku, slug, name, description, category, price: { amount: price, currency } });
  });

  test('has a stock for each product and for nothing else', () => {
    expect(Object.keys(exampleStock).sort()).toEqual(products.map(({ sku }) => sku).sort());
  });

  test('is refused in production', () => {
    expect(() => refuseSeedInProduction(true, 'production')).toThrow(/SEED is on/);
    expect(() => refuseSeedInProduction(true, 'development')).not.toThrow();
    expect(() => refuseSeedInProduction(false, 'production')).not.toThrow();
  });
});

describe('seeding', () => {
  let shop: ProductUnderTest;
  beforeAll(async () => {
    shop = await startProduct({ config: { SEED: 'on' } });
  });
  afterAll(() => shop.stop());
  const count = async (text: string) => {
    const { rows } = await shop.product.database.query<{ count: number }>({ text });
    return rows[0]!.count;
  };
  const seeded = () =>
    eventually(async () => (await count('select count(*) as count from product')) === products.length);

  test('happens at the start, with one event a product', async () => {
    await seeded();
    expect(await count('select count(*) as count from outbox')).toBe(products.length);
    const { body } = await shop.request('GET', '/api/v1/products/enamel-kettle-poppy-red');
    expect(body).toMatchObject({
      sku: 'KET-ENAMEL-RED',
      price: { amount: 3490, currency: 'EUR' },
      version: 1,
    });
  });

  test('again changes nothing, not even what an admin has changed', async () => {
    await seeded();
    const changed = await shop.request('PUT', `/api/v1/products/${products[0]!.id}`, {
      as: 'admin',
      body: draft('Changed', { sku: products[0]!.sku }),
      headers: { 'if-match': '"1"' },
    });
    expect(changed.status).toBe(200);
    const replica = await startProduct({ config: { SEED: 'on' }, database: shop.product.testDatabase! });
    await replica.stop();
    expect(await count('select count(*) as count from product')).toBe(products.length);
    expect(await count('select count(*) as count from outbox')).toBe(products.length + 1);
    expect((await shop.request('GET', '/api/v1/products/changed')).status).toBe(200);
  });
});
