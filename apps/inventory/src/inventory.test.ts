import { join } from 'node:path';
import { productCreated } from '@bulkhead/contracts/product/events';
import { exampleStock } from '@bulkhead/contracts/product/catalog-seed';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { randomIds } from '@bulkhead/service/ids';
import { startTestService, type TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import supertest from 'supertest';
import { inventoryService } from './app';
import { refuseSeedInProduction } from './config';
import { pruneReservations } from './reservations/prune-reservations';
import { findImbalances } from './stock/find-imbalances';

let service: TestService;
let order: Record<string, string>;
let admin: Record<string, string>;

beforeAll(async () => {
  service = await startTestService(inventoryService, {
    migrationsDir: join(__dirname, '../prisma/migrations'),
  });
  order = await service.asService('order');
  admin = await service.as(randomIds.next(), ['admin']);
});
afterAll(async () => {
  try {
    expect(await findImbalances(service.database)).toEqual([]);
  } finally {
    await service.stop();
  }
});

const http = () => supertest(service.origin);
const adjust = (sku: string, body: object, headers: Record<string, string> = {}) =>
  http()
    .post(`/api/v1/stock/${sku}/adjustments`)
    .set({ ...admin, ...headers })
    .send(body);
const reserve = (orderId: string, lines: { sku: string; quantity: number }[], ttlSeconds = 60) =>
  http().put(`/internal/reservations/${orderId}`).set(order).send({ lines, ttlSeconds });
const settle = (orderId: string, how: 'commit' | 'release') =>
  http().post(`/internal/reservations/${orderId}/${how}`).set(order);
const stateOf = async (orderId: string) =>
  (await http().get(`/internal/reservations/${orderId}`).set(order)).body.state as string | null;
const available = async (sku: string) =>
  (
    await http()
      .get(`/api/v1/stock/${sku}`)
      .set(await service.anonymous())
  ).body;

let skus = 0;
async function stockOf(pieces: number): Promise<string> {
  const sku = `TEST-${++skus}`;
  await service.database.query({ text: 'insert into stock (sku) values ($1)', values: [sku] });
  if (pieces > 0) expect((await adjust(sku, { delta: pieces, reason: 'delivery' })).status).toBe(200);
  return sku;
}

describe('a reservation', () => {
  test('holds its pieces, sells them on commit, and gives them back on a refund', async () => {
    const sku = await stockOf(5);
    const orderId = randomIds.next();
    const held = await reserve(orderId, [{ sku, quantity: 3 }]);
    expect(held).toMatchObject({
      status: 200,
      body: { orderId, state: 'held', expiresAt: expect.any(String) },
    });
    expect(await available(sku)).toEqual({ sku, available: 2, status: 'in-stock' });
    const committed = await settle(orderId, 'commit');
    expect(committed.body).toEqual({ ...held.body, state: 'committed' });
    expect((await settle(orderId, 'commit')).body).toEqual(committed.body);
    expect(await available(sku)).toMatchObject({ available: 2 });
    expect((await settle(orderId, 'release')).body).toMatchObject({ state: 'released' });
    expect((await settle(orderId, 'release')).body).toMatchObject({ state: 'released' });
    expect(await available(sku)).toMatchObject({ available: 5 });
  });

  test('may be asked for again and again, and happens once; once released it stays released', async () => {
    const sku = await stockOf(5);
    const orderId = randomIds.next();
    const responses = await Promise.all(
      Array.from({ length: 10 }, () => reserve(orderId, [{ sku, quantity: 2 }])),
    );
    for (const response of responses) expect(response.body).toEqual(responses[0]!.body);
    expect(await available(sku)).toMatchObject({ available: 3 });
    await settle(orderId, 'release');
    expect((await reserve(orderId, [{ sku, quantity: 2 }])).body).toMatchObject({ state: 'released' });
    expect(await settle(orderId, 'commit')).toMatchObject({ status: 409, body: { state: 'released' } });
    expect(await available(sku)).toMatchObject({ available: 5 });
  });

  test('holds all of its lines or none, and names what there is too little of', async () => {
    const [plenty, scarce] = [await stockOf(5), await stockOf(1)];
    const orderId = randomIds.next();
    const lines = [
      { sku: plenty, quantity: 1 },
      { sku: scarce, quantity: 1 },
      { sku: scarce, quantity: 1 },
      { sku: 'NOT-KEPT', quantity: 1 },
    ];
    expect(await reserve(orderId, lines)).toMatchObject({
      status: 409,
      body: { type: 'urn:bulkhead:problem:out-of-stock', skus: [scarce, 'NOT-KEPT'] },
    });
    expect(await available(plenty)).toMatchObject({ available: 5 });
    expect(await reserve(orderId, lines.slice(0, 2))).toMatchObject({ status: 200, body: { state: 'held' } });
  });

  test('that is released before it comes holds nothing', async () => {
    const sku = await stockOf(1);
    const orderId = randomIds.next();
    expect((await settle(orderId, 'release')).body).toEqual({ orderId, state: 'released', expiresAt: null });
    expect((await reserve(orderId, [{ sku, quantity: 1 }])).body).toMatchObject({ state: 'released' });
    expect(await available(sku)).toMatchObject({ available: 1 });
  });

  test('that nobody settles expires and gives its pieces back', async () => {
    const sku = await stockOf(1);
    const orderId = randomIds.next();
    await reserve(orderId, [{ sku, quantity: 1 }], 1);
    expect(await available(sku)).toEqual({ sku, available: 0, status: 'out-of-stock' });
    await eventually(async () => expect(await available(sku)).toMatchObject({ available: 1 }));
    expect(await settle(orderId, 'commit')).toMatchObject({ status: 409, body: { state: 'expired' } });
    expect((await settle(orderId, 'release')).body).toMatchObject({ state: 'expired' });
    expect(await stateOf(orderId)).toBe('expired');
    expect(await stateOf(randomIds.next())).toBeNull();
  });

  test('that never was cannot be committed', async () => {
    expect((await settle(randomIds.next(), 'commit')).status).toBe(404);
  });

  test('is for the order service alone', async () => {
    const response = await http()
      .put(`/internal/reservations/${randomIds.next()}`)
      .set(admin)
      .send({ lines: [{ sku: 'TEST-1', quantity: 1 }], ttlSeconds: 1 });
    expect(response.status).toBe(403);
  });

  test('is refused where its quantities make no sense', async () => {
    for (const quantity of [0, -1, 1.5, 1e12])
      expect((await reserve(randomIds.next(), [{ sku: 'TEST-1', quantity }])).status).toBe(422);
  });

  test('that ended long ago is forgotten, and a sold one is not', async () => {
    const sku = await stockOf(2);
    const [released, sold] = [randomIds.next(), randomIds.next()];
    for (const orderId of [released, sold]) await reserve(orderId, [{ sku, quantity: 1 }]);
    await settle(released, 'release');
    await settle(sold, 'commit');
    expect(await pruneReservations(service.database)).toBe(0);
    await service.database.query({
      text: `update reservation set updated_at = now() - interval '31 days' where order_id = any($1::uuid[])`,
      values: [[released, sold]],
    });
    expect(await pruneReservations(service.database)).toBe(1);
    expect((await settle(sold, 'commit')).body).toMatchObject({ state: 'committed' });
  });
});

test('200 buyers of the last 10: exactly 10 get one', async () => {
  const sku = await stockOf(10);
  // So many at once may be over the service's limit: then it says so, and the buyer asks again, as the order service does.
  const buy = async () => {
    const orderId = randomIds.next();
    return eventually(async () => {
      const { status } = await reserve(orderId, [{ sku, quantity: 1 }]);
      return status === 503 ? false : status;
    });
  };
  const statuses = await Promise.all(Array.from({ length: 200 }, buy));
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(statuses.filter((status) => status === 409)).toHaveLength(190);
  expect(await available(sku)).toEqual({ sku, available: 0, status: 'out-of-stock' });
});

describe('an admin', () => {
  test('sets the stock on the state they have seen, and only on that', async () => {
    const sku = await stockOf(5);
    const put = (headers: Record<string, string>) =>
      http()
        .put(`/api/v1/stock/${sku}`)
        .set({ ...admin, ...headers })
        .send({ onHand: 9 });
    const etag = (await http().get(`/api/v1/stock/${sku}`).set(admin)).headers['etag'];
    expect(etag).toBeDefined();
    expect((await put({})).status).toBe(428);
    expect((await put({ 'if-match': '"999"' })).status).toBe(412);
    const set = await put({ 'if-match': etag! });
    expect(set.body).toMatchObject({ onHand: 9, reserved: 0, sold: 0 });
    expect(set.headers['etag']).not.toBe(etag);
    expect((await put({ 'if-match': etag! })).status).toBe(412);
  });

  test('adjusts it once per idempotency key, and cannot take what is not there', async () => {
    const sku = await stockOf(5);
    const key = { 'idempotency-key': randomIds.next() };
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => adjust(sku, { delta: -2, reason: 'broken' }, key)),
    );
    expect(new Set(responses.map(({ text }) => text)).size).toBe(1);
    expect(await available(sku)).toMatchObject({ available: 3 });
    const reused = { status: 422, body: { type: 'urn:bulkhead:problem:idempotency-key-reused' } };
    expect(await adjust(sku, { delta: -1, reason: 'broken' }, key)).toMatchObject(reused);
    expect(await adjust(await stockOf(9), { delta: -2, reason: 'broken' }, key)).toMatchObject(reused);
    expect((await adjust(sku, { delta: -4, reason: 'broken' })).status).toBe(409);
  });

  test('does not take an empty idempotency key for none', async () => {
    const sku = await stockOf(5);
    expect(await adjust(sku, { delta: 1, reason: 'found' }, { 'idempotency-key': '' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/headers/idempotency-key' }] },
    });
    expect(await available(sku)).toMatchObject({ available: 5 });
  });

  test('who uses one key for two SKUs at once changes one of them', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, other] = [await stockOf(5), await stockOf(5)];
      const key = { 'idempotency-key': randomIds.next() };
      const responses = await Promise.all(
        [one, other].map((sku) => adjust(sku, { delta: 1, reason: 'x' }, key)),
      );
      expect(responses.map(({ status }) => status).sort()).toEqual([200, 422]);
    }
  });

  test('reads the journal page by page', async () => {
    const sku = await stockOf(1);
    for (let i = 0; i < 4; i++) await adjust(sku, { delta: 1, reason: `delivery ${i}` });
    const reasons: string[] = [];
    for (let next: string | null = `/api/v1/stock/${sku}/movements?limit=2`; next !== null;) {
      const {
        body,
      }: { body: { items: { reason: string }[]; next: string | null; nextCursor: string | null } } =
        await http().get(next).set(admin);
      reasons.push(...body.items.map(({ reason }) => reason));
      next = body.next;
      expect(body.nextCursor).toBe(body.next && new URL(body.next, 'http://shop').searchParams.get('cursor'));
    }
    expect(reasons).toEqual(['delivery 3', 'delivery 2', 'delivery 1', 'delivery 0', 'delivery']);
  });

  test('gets an error for a SKU that inventory does not know', async () => {
    expect((await adjust('NOT-KEPT', { delta: 1, reason: 'x' })).status).toBe(404);
    expect((await http().get('/api/v1/stock/NOT-KEPT').set(admin)).status).toBe(404);
    expect((await http().get('/api/v1/stock/NOT-KEPT/movements').set(admin)).status).toBe(404);
    const put = http()
      .put('/api/v1/stock/NOT-KEPT')
      .set({ ...admin, 'if-match': '*' });
    expect((await put.send({ onHand: 1 })).status).toBe(404);
  });

  test('is who it takes to change anything', async () => {
    const customer = await service.as(randomIds.next(), ['customer']);
    const body = { delta: 1, reason: 'x' };
    expect((await http().post('/api/v1/stock/TEST-1/adjustments').set(customer).send(body)).status).toBe(403);
    const nobody = await service.anonymous();
    expect((await http().post('/api/v1/stock/TEST-1/adjustments').set(nobody).send(body)).status).toBe(401);
  });
});

test('peers get the known SKUs', async () => {
  const [some, none] = [await stockOf(4), await stockOf(0)];
  const { body } = await http()
    .post('/internal/stock/availability')
    .set(await service.asService('product'))
    .send({ skus: [some, none, 'NOT-KEPT'] });
  expect(body.items).toHaveLength(2);
  expect(body.items).toEqual(
    expect.arrayContaining([
      { sku: some, available: 4, version: 2 },
      { sku: none, available: 0, version: 1 },
    ]),
  );
});

test('a new product has a stock of nothing, and the event that comes twice changes none', async () => {
  const sku = 'NEW-PRODUCT';
  const deliver = () => {
    const id = randomIds.next();
    const event = {
      specversion: '1.0',
      id,
      source: '/bulkhead/product',
      type: productCreated.type,
      subject: id,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      aggregateversion: 1,
      data: {
        productId: id,
        sku,
        slug: 'new',
        name: 'New',
        description: '',
        category: 'kitchen',
        price: { amount: 1, currency: 'EUR' },
        imageUrl: null,
        updatedAt: new Date().toISOString(),
      },
    };
    return service.database.query({
      text: 'insert into delivery (consumer_group, message_id, event_type, body) values ($1, $2, $3, $4)',
      values: [subscriptions.inventoryCatalog.group, id, event.type, JSON.stringify(event)],
    });
  };
  const delivered = async () => {
    const { rows } = await service.database.query<{ count: number }>({
      text: 'select count(*) as count from delivery',
    });
    return rows[0]!.count === 0;
  };
  await deliver();
  await eventually(async () =>
    expect(await available(sku)).toEqual({ sku, available: 0, status: 'out-of-stock' }),
  );
  await adjust(sku, { delta: 3, reason: 'delivery' });
  await deliver();
  await eventually(delivered);
  expect(await available(sku)).toMatchObject({ available: 3 });
  const told = await service.database.query<{ type: string }>({
    text: 'select type from outbox where subject = $1 order by position',
    values: [sku],
  });
  expect(told.rows.map(({ type }) => type)).toEqual(['stock.depleted.v1', 'stock.replenished.v1']);
});

describe('the stock of the example shop', () => {
  test('comes in once, however often the service starts', async () => {
    const sku = 'KET-ENAMEL-RED';
    await service.database.query({ text: 'insert into stock (sku) values ($1)', values: [sku] });
    const start = () =>
      startTestService(inventoryService, { config: { SEED: 'on' }, database: service.testDatabase! });
    const seeded = await Promise.all([start(), start()]);
    await eventually(async () =>
      expect(await available(sku)).toMatchObject({ available: exampleStock[sku] }),
    );
    await Promise.all(seeded.map((replica) => replica.stop()));
    const { rows } = await service.database.query<{ sku: string; onHand: number }>({
      text: 'select sku, on_hand as "onHand" from stock where sku = any($1::text[])',
      values: [Object.keys(exampleStock)],
    });
    expect(Object.fromEntries(rows.map(({ sku, onHand }) => [sku, onHand]))).toEqual(exampleStock);
  });

  test('is refused in production', () => {
    expect(() => refuseSeedInProduction(true, 'production')).toThrow(/SEED is on/);
    expect(() => refuseSeedInProduction(true, 'test')).not.toThrow();
  });
});
