import { eventually } from '@bulkhead/testing/eventually';
import { draft, type Json, type ProductUnderTest, startProduct } from '../testing/start-product';

let shop: ProductUnderTest;
beforeAll(async () => {
  shop = await startProduct();
});
afterAll(() => shop.stop());

const create = async (name: string, changes = {}) => {
  const response = await shop.request('POST', '/api/v1/products', {
    as: 'admin',
    body: draft(name, changes),
  });
  expect(response.status).toBe(201);
  return response.body;
};
const eventsOf = async (productId: string) => {
  const { rows } = await shop.product.database.query<{ payload: Json }>({
    text: 'select payload from outbox where subject = $1 order by position',
    values: [productId],
  });
  return rows.map(({ payload }) => payload);
};

describe('an admin', () => {
  test('adds a product, which can then be read by ID and by slug, and publishes one event', async () => {
    const created = await shop.request('POST', '/api/v1/products', { as: 'admin', body: draft('Ladle') });
    expect(created).toMatchObject({ status: 201, body: { sku: 'LADLE', version: 1, imageUrl: null } });
    expect(created.headers.get('etag')).toBe('"1"');
    const location = created.headers.get('location')!;
    expect((await shop.request('GET', location)).body).toMatchObject(created.body);
    expect((await shop.request('GET', '/api/v1/products/ladle')).body).toMatchObject(created.body);
    const bySlug = await shop.request('GET', '/api/v1/products/by-slug/ladle');
    expect(bySlug).toMatchObject({ status: 200, body: created.body });
    expect((await shop.request('GET', '/api/v1/products/by-slug/no-ladle')).status).toBe(404);
    const byIdAsSlug = `/api/v1/products/by-slug/${created.body.productId}`;
    expect((await shop.request('GET', byIdAsSlug)).status).toBe(404);
    expect(await eventsOf(created.body.productId)).toMatchObject([
      { type: 'product.created.v1', aggregateversion: 1, data: { sku: 'LADLE', slug: 'ladle' } },
    ]);
  });

  test('cannot use a SKU or a slug twice', async () => {
    await create('Spoon');
    for (const changes of [{ slug: 'other' }, { sku: 'OTHER' }]) {
      const response = await shop.request('POST', '/api/v1/products', {
        as: 'admin',
        body: draft('Spoon', changes),
      });
      expect(response).toMatchObject({ status: 409, body: { type: 'urn:bulkhead:problem:already-exists' } });
    }
  });

  test('changes a product only on the state that was read', async () => {
    const { productId } = await create('Pot');
    const path = `/api/v1/products/${productId}`;
    const body = draft('Pot', { price: { amount: 2500, currency: 'EUR' } });
    const put = (headers: Record<string, string>) =>
      shop.request('PUT', path, { as: 'admin', body, headers });
    expect((await put({})).status).toBe(428);
    expect((await put({ 'if-match': '"7"' })).status).toBe(412);
    const changed = await put({ 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, price: { amount: 2500 } } });
    expect((await put({ 'if-match': '"1"' })).status).toBe(412);
    expect(await eventsOf(productId)).toMatchObject([
      { type: 'product.created.v1' },
      { type: 'product.updated.v1', aggregateversion: 2, data: { price: { amount: 2500 } } },
    ]);
  });

  test('and another who change the same state at once: one of them is refused', async () => {
    const { productId } = await create('Colander');
    const responses = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        shop.request('PUT', `/api/v1/products/${productId}`, {
          as: 'admin',
          body: draft('Colander', { description: `by ${index}` }),
          headers: { 'if-match': '"1"' },
        }),
      ),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412, 412, 412]);
  });

  test('cannot change the SKU, by which stock and orders know the product', async () => {
    const { productId } = await create('Sieve');
    const response = await shop.request('PUT', `/api/v1/products/${productId}`, {
      as: 'admin',
      body: draft('Sieve', { sku: 'SIEVE-2' }),
      headers: { 'if-match': '*' },
    });
    expect(response.status).toBe(409);
  });

  test('takes a product out of the catalog, and its SKU is not given to another', async () => {
    const { productId } = await create('Fork');
    const path = `/api/v1/products/${productId}`;
    expect((await shop.request('DELETE', path, { as: 'admin' })).status).toBe(428);
    expect((await shop.request('DELETE', path, { as: 'admin', headers: { 'if-match': '"1"' } })).status).toBe(
      204,
    );
    expect((await shop.request('GET', path)).status).toBe(404);
    expect((await shop.request('GET', '/api/v1/products/fork')).status).toBe(404);
    expect((await eventsOf(productId)).at(-1)).toMatchObject({
      type: 'product.deleted.v1',
      aggregateversion: 2,
      data: { sku: 'FORK' },
    });
    const again = await shop.request('POST', '/api/v1/products', { as: 'admin', body: draft('Fork') });
    expect(again.status).toBe(409);
  });

  test('gets pointers to invalid fields of a product', async () => {
    const response = await shop.request('POST', '/api/v1/products', {
      as: 'admin',
      body: {
        ...draft('Bad'),
        slug: 'Not A Slug',
        price: { amount: -1, currency: 'XAU' },
        imageUrl: 'http://x.y/z',
      },
    });
    expect(response.status).toBe(422);
    expect(response.body.errors).toEqual([
      { pointer: '/body/slug', detail: 'must be lower-case words and digits joined by dashes' },
      { pointer: '/body/price/amount', detail: 'must be at least 0' },
      { pointer: '/body/price/currency', detail: 'must be an ISO 4217 code, such as EUR' },
      { pointer: '/body/imageUrl', detail: 'must be a path, such as /images/kettle.svg' },
    ]);
  });
});

test.each([
  ['MGA', 1_250, 100],
  ['KWD', 1_255, 10],
  ['TND', 1, 10],
])(
  'a price in %s that no payment network can charge (%d) is refused where it is set',
  async (currency, amount, step) => {
    const body = draft(`Lamp${currency}`, { price: { amount, currency } });
    const refused = await shop.request('POST', '/api/v1/products', { as: 'admin', body });
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toEqual([
      {
        pointer: '/body/price/amount',
        detail: `must be a multiple of ${step} in ${currency}, as nothing smaller can be charged`,
      },
    ]);
    const price = { amount: amount * step, currency };
    const taken = await shop.request('POST', '/api/v1/products', { as: 'admin', body: { ...body, price } });
    expect([taken.status, taken.body.price]).toEqual([201, price]);
  },
);

test('who is not an admin changes nothing', async () => {
  const body = draft('Intruder');
  expect((await shop.request('POST', '/api/v1/products', { body })).status).toBe(401);
  expect((await shop.request('POST', '/api/v1/products', { body, as: 'customer' })).status).toBe(403);
});

describe('a product page', () => {
  test('says how much is in stock', async () => {
    await create('Whisk');
    const availability = async () => (await shop.request('GET', '/api/v1/products/whisk')).body.availability;
    expect(await availability()).toEqual({ status: 'unknown', available: null });
    shop.inventory.available.set('WHISK', 4);
    expect(await availability()).toEqual({ status: 'in-stock', available: 4 });
    shop.inventory.available.set('WHISK', 0);
    expect(await availability()).toEqual({ status: 'out-of-stock', available: 0 });
  });

  test.each(['failing', 'silent'] as const)('stands while inventory is %s', async (ailment) => {
    await create(`Pan-${ailment}`);
    shop.inventory.ailment = ailment;
    try {
      const response = await shop.request('GET', `/api/v1/products/pan-${ailment}`);
      expect(response).toMatchObject({
        status: 200,
        body: { availability: { status: 'unknown', available: null } },
      });
    } finally {
      shop.inventory.ailment = 'none';
    }
  });

  test('is not sent again while the copy at hand is current', async () => {
    await create('Grater');
    const headers = { 'if-none-match': '"1"' };
    const response = await shop.request('GET', '/api/v1/products/grater', { headers });
    expect(response).toMatchObject({ status: 304, body: undefined });
    expect(response.headers.get('etag')).toBe('"1"');
    expect(
      (await shop.request('GET', '/api/v1/products/grater', { headers: { 'if-none-match': '"9"' } })).status,
    ).toBe(200);
  });
});

describe('the list', () => {
  test('walks a category page by page, newest first, each product once', async () => {
    for (const name of ['A1', 'A2', 'A3', 'A4', 'A5']) await create(name, { category: 'walk' });
    const seen: string[] = [];
    for (let path = '/api/v1/products?category=walk&limit=2'; path;) {
      const { status, body } = await shop.request('GET', path);
      expect(status).toBe(200);
      seen.push(...body.items.map(({ name }: { name: string }) => name));
      path = body.next;
      expect(body.nextCursor).toBe(body.next && new URL(body.next, 'http://shop').searchParams.get('cursor'));
    }
    expect(seen).toEqual(['A5', 'A4', 'A3', 'A2', 'A1']);
    const { body } = await shop.request('GET', '/api/v1/categories');
    expect(body.items).toContainEqual({ category: 'walk', products: 5 });
  });

  test('refuses a cursor that it did not make', async () => {
    expect((await shop.request('GET', '/api/v1/products?cursor=AAAA')).status).toBe(422);
  });
});

describe('services', () => {
  test('order gets prices, and which products are not sold', async () => {
    const lid = await create('Lid');
    const gone = await create('Gone');
    await shop.request('DELETE', `/api/v1/products/${gone.productId}`, {
      as: 'admin',
      headers: { 'if-match': '*' },
    });
    const items = [lid.productId, gone.productId, lid.productId].map((productId) => ({ productId }));
    const response = await shop.request('POST', '/internal/products/quote', { as: 'order', body: { items } });
    expect(response.body).toEqual({
      items: [
        {
          productId: lid.productId,
          sku: 'LID',
          name: 'Lid',
          price: { amount: 1990, currency: 'EUR' },
          version: 1,
        },
      ],
      unknown: [gone.productId],
    });
    expect(
      (await shop.request('POST', '/internal/products/quote', { as: 'search', body: { items } })).status,
    ).toBe(403);
  });

  test('search can read every product there ever was, in pages', async () => {
    const seen = new Map<string, boolean>();
    for (let after: string | null = ''; after !== null;) {
      const query = `limit=3${after ? `&after=${after}` : ''}`;
      const { body }: { body: Json } = await shop.request('GET', `/internal/products/replay?${query}`, {
        as: 'search',
      });
      for (const { productId, deleted } of body.items) {
        expect(seen.has(productId)).toBe(false);
        seen.set(productId, deleted);
      }
      after = body.nextAfter;
    }
    const { rows } = await shop.product.database.query<{ id: string; deleted: boolean }>({
      text: 'select id, deleted_at is not null as deleted from product',
    });
    expect(seen).toEqual(new Map(rows.map(({ id, deleted }) => [id, deleted])));
    expect([...seen.values()]).toContain(true);
  });
});

test('a client that browses while the database restarts is asked to retry, and is then served', async () => {
  const { database } = shop.product;
  const response = await database.transaction(async (tx) => {
    await tx.query({ text: 'lock table product' });
    const waiting = shop.request('GET', '/api/v1/products');
    await eventually(async () => {
      const { rowCount } = await database.query({
        text: `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      });
      return rowCount === 1;
    });
    return waiting;
  });
  expect(response).toMatchObject({ status: 503, body: { type: 'urn:bulkhead:problem:unavailable' } });
  expect(response.headers.get('retry-after')).toBe('1');
  expect((await shop.request('GET', '/api/v1/products')).status).toBe(200);
});
