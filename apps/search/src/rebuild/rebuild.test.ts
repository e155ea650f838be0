import type { RebuildStatus } from '@bulkhead/contracts/search/api';
import type { TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { writeEverywhere } from '../index/write.sql';
import { toEntry } from '../index/entry';
import { product, smallCatalog } from '../testing/catalog';
import { createCatalog, productFails, type Shop, startShop } from '../testing/shop';

const admin = '0190c0de-0000-7000-8000-000000000001';
const target = '/api/v1/search/rebuild';

async function call(
  service: TestService,
  method: 'GET' | 'POST',
  roles: ('admin' | 'customer')[] = ['admin'],
) {
  const response = await fetch(`${service.origin}${target}`, {
    method,
    headers: await service.as(admin, roles),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as RebuildStatus,
  };
}

const status = async (shop: Shop) => (await call(shop.search, 'GET')).body;

const finished = (shop: Shop, generation: number) =>
  eventually(
    async () => {
      const now = await status(shop);
      return now.state === 'idle' && now.generation === generation && now;
    },
    { what: `generation ${generation}` },
  );

/** Lets the listing pass until a page, and holds it there. */
function holdAt(shop: Shop, page: number) {
  const hold = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let asked = 0;
  shop.catalog.beforePage = async () => {
    if (++asked < page) return;
    reached.resolve();
    await hold.promise;
  };
  return { reached: reached.promise, letGo: hold.resolve };
}

describe('the first index', () => {
  let shop: Shop;
  beforeAll(async () => {
    const catalog = createCatalog(smallCatalog);
    catalog.beforePage = productFails;
    shop = await startShop({ catalog, built: false, config: { SEARCH_REBUILD_PAGE: '5' } });
  });
  afterAll(() => shop.stop());

  test('is built by itself as soon as product can be reached, and goes on after failures', async () => {
    const waiting = await eventually(async () => {
      const now = await status(shop);
      return now.problem !== null && now;
    });
    expect(waiting).toMatchObject({
      state: 'running',
      generation: 0,
      indexed: 0,
      problem: 'product answered 503',
    });
    shop.catalog.beforePage = async () => undefined;
    const built = await finished(shop, 1);
    expect(built).toMatchObject({ indexed: smallCatalog.length, problem: null });
    expect(Date.parse(built.finishedAt!)).toBeGreaterThanOrEqual(Date.parse(built.startedAt!));
    expect(await shop.names('limit=100')).toHaveLength(smallCatalog.length);
  });
});

describe('a rebuild', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await startShop({ catalog: createCatalog(smallCatalog), config: { SEARCH_REBUILD_PAGE: '4' } });
  });
  afterEach(() => shop.stop());

  test('is for admins', async () => {
    expect((await call(shop.search, 'POST', ['customer'])).status).toBe(403);
    expect((await call(shop.search, 'GET', ['customer'])).status).toBe(403);
    expect((await status(shop)).generation).toBe(1);
  });

  test('shows readers the old index until the new one is complete', async () => {
    await shop.search.database.query({
      text: `update indexed_product set name = 'Stale' where product_id = $1`,
      values: [smallCatalog[0]!.productId],
    });
    const held = holdAt(shop, 3);
    const begun = await call(shop.search, 'POST');
    expect(begun.status).toBe(202);
    expect(begun.headers.get('location')).toBe(target);
    expect(begun.body).toMatchObject({ state: 'running', generation: 1, finishedAt: null });
    await held.reached;
    expect(await status(shop)).toMatchObject({ state: 'running', generation: 1, indexed: 8 });
    expect(await shop.names('limit=100')).toContain('Stale');
    expect(await shop.names('limit=100')).toHaveLength(smallCatalog.length);
    held.letGo();
    await finished(shop, 2);
    expect(await shop.names('limit=100')).toEqual(smallCatalog.map(({ name }) => name).reverse());
  });

  test('keeps what events tell meanwhile, before and behind the place it has come to', async () => {
    const held = holdAt(shop, 2);
    await call(shop.search, 'POST');
    await held.reached;
    await shop.change(product(1, 'Changed behind'));
    await shop.remove(smallCatalog[1]!);
    await shop.change(product(6, 'Changed on the page being read'));
    await shop.change(product(11, 'Changed ahead'));
    await shop.remove(smallCatalog[11]!);
    await shop.change(product(99, 'New'));
    await shop.change(product(0, 'New with a lower id'));
    await shop.settled();
    const expected = [...shop.catalog.products.values()]
      .filter(({ deleted }) => !deleted)
      .map(({ product }) => product.name)
      .sort();
    expect((await shop.names('limit=100')).sort()).toEqual(expected);
    held.letGo();
    await finished(shop, 2);
    expect((await shop.names('limit=100')).sort()).toEqual(expected);
  });

  test('does not let a page that was read before an event undo it', async () => {
    const stale = shop.catalog.products.get(smallCatalog[0]!.productId)!;
    const held = holdAt(shop, 1);
    await call(shop.search, 'POST');
    await held.reached;
    await shop.change(product(1, 'Newest'));
    await shop.settled();
    // The listing answers as of a moment before the event, which search has already handled.
    shop.catalog.products.set(stale.product.productId, stale);
    held.letGo();
    await finished(shop, 2);
    expect(await shop.names('q=newest')).toEqual(['Newest']);
  });

  test('waits for the events in hand, which know nothing of the new generation', async () => {
    const { database } = shop.search;
    const entry = toEntry(product(1, 'In transit'), 2);
    shop.catalog.products.set(entry.product_id, {
      product: product(1, 'In transit'),
      version: 2,
      deleted: false,
    });
    let beginning: ReturnType<typeof call> | undefined;
    await database.transaction(async (tx) => {
      await tx.query({ ...writeEverywhere, values: [JSON.stringify([entry])] });
      beginning = call(shop.search, 'POST');
      await eventually(
        async () =>
          (
            await database.query({
              text: `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%update index_pointer%'
                and datname = current_database()`,
            })
          ).rowCount === 1,
        { what: 'the rebuild waiting' },
      );
      expect(
        (await database.query<{ shadow: number | null }>({ text: 'select shadow from index_pointer' })).rows,
      ).toEqual([{ shadow: null }]);
    });
    expect((await beginning!).status).toBe(202);
    await finished(shop, 2);
    expect(await shop.names('q=transit')).toEqual(['In transit']);
  });

  test('an event that waits for a rebuild to begin goes to both generations', async () => {
    const { database } = shop.search;
    const entry = toEntry(product(50, 'Waited'), 1);
    let writing: Promise<unknown> | undefined;
    await database.transaction(async (tx) => {
      await tx.query({ text: 'update index_pointer set shadow = last + 1, last = last + 1' });
      writing = database.query({ ...writeEverywhere, values: [JSON.stringify([entry])] });
      await eventually(
        async () =>
          (
            await database.query({
              text: `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into indexed_product%'
                and datname = current_database()`,
            })
          ).rowCount === 1,
        { what: 'the event waiting' },
      );
    });
    await writing;
    const { rows } = await database.query({
      text: 'select generation from indexed_product where product_id = $1 order by generation',
      values: [entry.product_id],
    });
    expect(rows).toEqual([{ generation: 1 }, { generation: 2 }]);
  });

  test('asked for at two replicas by many at once, runs once', async () => {
    const other = await shop.replica();
    shop.catalog.pagesAsked.length = 0;
    const held = holdAt(shop, 2);
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, n) => call(n % 2 ? other : shop.search, 'POST')),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(202));
    await held.reached;
    expect((await call(other, 'POST')).body).toMatchObject({ state: 'running', indexed: 4 });
    held.letGo();
    await finished(shop, 2);
    expect(shop.catalog.pagesAsked).toEqual([
      undefined,
      smallCatalog[3]!.productId,
      smallCatalog[7]!.productId,
    ]);
  });

  test('goes on at another replica, from where it was, when the one at work is gone', async () => {
    const held = holdAt(shop, 2);
    await call(shop.search, 'POST');
    await held.reached;
    const worker = await shop.search.database.query<{ owner: string }>({ text: 'select owner from rebuild' });
    const other = await shop.replica({ SEARCH_REBUILD_LEASE_MS: '60000' });
    // As if the process at work had been killed: its lease runs out, and what it still had in hand comes too late.
    await shop.search.database.query({ text: `update rebuild set leased_until = clock_timestamp()` });
    await eventually(
      async () =>
        (await other.database.query<{ owner: string }>({ text: 'select owner from rebuild' })).rows[0]
          ?.owner !== worker.rows[0]?.owner,
    );
    held.letGo();
    await finished(shop, 2);
    expect(shop.catalog.pagesAsked.filter((after) => after === undefined)).toHaveLength(2);
    expect(await status(shop)).toMatchObject({ indexed: smallCatalog.length });
    expect(await shop.names('limit=100')).toEqual(smallCatalog.map(({ name }) => name).reverse());
  });

  test('learns the stock from inventory, and an older level does not replace a newer one', async () => {
    await shop.restock('SKU-2', 3);
    await shop.restock('SKU-2', 0);
    await shop.settled();
    shop.catalog.stock.set('SKU-2', { available: 3, version: 1 });
    shop.catalog.stock.set('SKU-3', { available: 7, version: 5 });
    await call(shop.search, 'POST');
    await finished(shop, 2);
    expect(await shop.names('inStock=true')).toEqual(['Electric Kettle']);
    expect(await shop.names('inStock=false')).toEqual(['Enamel Kettle, blue']);
  });
});
