import path from 'node:path';
import type { CloudEvent } from '@bulkhead/contracts/event';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import fc from 'fast-check';
import { product, productId } from '../testing/catalog';
import { createCatalog, type Shop, startShop } from '../testing/shop';
import { catalogEvents } from './catalog-events';
import { stockEvents } from './stock-events';

describe('the order of events', () => {
  let testDatabase: TestDatabase;
  let database: PooledDatabase;
  beforeAll(async () => {
    testDatabase = await createTestDatabase({
      service: 'search',
      migrationsDir: path.join(__dirname, '../../prisma/migrations'),
      extensions: ['pg_trgm', 'unaccent'],
    });
    database = createDatabase({ url: testDatabase.url, applicationName: 'search' });
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  type Step = {
    readonly n: number;
    readonly deleted: boolean;
    readonly name: string;
    readonly price: number;
  };

  const event = ({ n, deleted, name, price }: Step, version: number): CloudEvent => {
    const { productId, sku, ...content } = product(n, name, { price });
    return {
      specversion: '1.0',
      id: '01900000-0000-7000-8000-0000000000ff',
      source: '/bulkhead/product',
      type: deleted ? 'product.deleted.v1' : version === 1 ? 'product.created.v1' : 'product.updated.v1',
      subject: productId,
      time: '2026-01-05T09:00:00.000Z',
      datacontenttype: 'application/json',
      aggregateversion: version,
      data: deleted ? { productId, sku } : { productId, sku, ...content },
    };
  };

  const stockEvent = (sku: string, available: boolean, version: number): CloudEvent => ({
    ...event({ n: 1, deleted: true, name: '', price: 0 }, version),
    source: '/bulkhead/inventory',
    type: available ? 'stock.replenished.v1' : 'stock.depleted.v1',
    subject: sku,
    data: { sku },
  });

  /** The index after these events, in every generation it goes to. */
  async function indexAfter(events: readonly CloudEvent[]): Promise<unknown[]> {
    await database.query({ text: 'delete from indexed_product' });
    await database.query({ text: 'delete from stock' });
    await database.query({ text: 'update index_pointer set active = 1, shadow = 2, last = 2' });
    for (const event of events) {
      const subscription = event.type.startsWith('stock') ? stockEvents : catalogEvents;
      await database.transaction((tx) =>
        subscription.handle(event, { tx, attempt: 1, signal: new AbortController().signal }),
      );
    }
    const products = await database.query({
      text: 'select * from indexed_product order by generation, product_id',
    });
    const stock = await database.query({ text: 'select * from stock order by sku' });
    return [...products.rows, ...stock.rows];
  }

  const step = fc.record({
    n: fc.integer({ min: 1, max: 3 }),
    deleted: fc.boolean(),
    name: fc.constantFrom('Kettle', 'Café', 'Teapot, blue'),
    price: fc.integer({ min: 0, max: 100_000 }),
  });

  test('makes no difference, nor do repetitions: the index ends the same', async () => {
    const histories = fc
      .tuple(fc.array(step, { minLength: 1, maxLength: 8 }), fc.array(fc.boolean(), { maxLength: 4 }))
      .map(([steps, stock]) => {
        const versions = new Map<number, number>();
        const products = steps.map((step) => {
          const version = (versions.get(step.n) ?? 0) + 1;
          versions.set(step.n, version);
          return event(step, version);
        });
        return [...products, ...stock.map((available, index) => stockEvent('SKU-1', available, index + 1))];
      });
    const shuffled = histories.chain((history) =>
      fc.record({
        history: fc.constant(history),
        arrival: fc
          .tuple(
            fc.shuffledSubarray(history, { minLength: history.length }),
            fc.array(fc.constantFrom(...history), { maxLength: 6 }),
          )
          .chain(([all, again]) =>
            fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }),
          ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ history, arrival }) => {
        expect(await indexAfter(arrival)).toEqual(await indexAfter(history));
      }),
      { numRuns: 60 },
    );
  });

  test('a deleted product is not brought back by a late event, and leaves no content', async () => {
    const kettle = { n: 1, deleted: false, name: 'Kettle', price: 100 };
    const rows = await indexAfter([event({ ...kettle, deleted: true }, 2), event(kettle, 1)]);
    expect(rows).toHaveLength(2);
    for (const row of rows)
      expect(row).toMatchObject({
        product_id: productId(1),
        version: 2,
        deleted: true,
        name: '',
        document: '',
      });
  });
});

describe('events as they come', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ catalog: createCatalog() });
  });
  afterAll(() => shop.stop());

  test('a product can be found, changes, and is gone again', async () => {
    await shop.change(product(1, 'Copper Pan'));
    await shop.settled();
    expect(await shop.names('q=pan')).toEqual(['Copper Pan']);
    await shop.change(product(1, 'Copper Wok'));
    await shop.settled();
    expect(await shop.names('q=pan')).toEqual([]);
    expect(await shop.names('q=wok')).toEqual(['Copper Wok']);
    await shop.remove(product(1, 'Copper Wok'));
    await shop.settled();
    expect(await shop.names('')).toEqual([]);
  });

  test('stock runs out and comes back', async () => {
    await shop.change(product(2, 'Lamp'));
    await shop.restock('SKU-2', 5);
    await shop.settled();
    expect(await shop.names('inStock=true')).toEqual(['Lamp']);
    await shop.restock('SKU-2', 0);
    await shop.settled();
    expect(await shop.names('inStock=true')).toEqual([]);
    expect(await shop.names('inStock=false')).toEqual(['Lamp']);
  });
});
