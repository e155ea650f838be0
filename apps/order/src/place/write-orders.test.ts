import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { events } from '@bulkhead/contracts/events';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { createWriteOrders, type NewOrder } from './write-orders';

describe('writing orders', () => {
  let testDatabase: TestDatabase;
  let database: PooledDatabase;
  let woken: number;

  beforeAll(async () => {
    const migrationsDir = path.join(__dirname, '../../prisma/migrations');
    testDatabase = await createTestDatabase({ migrationsDir, service: 'order' });
    database = createDatabase({ url: testDatabase.url, applicationName: 'order' });
  });
  beforeEach(() => {
    woken = 0;
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  const writer = () =>
    createWriteOrders({
      database,
      outbox: createOutbox({
        catalog: events,
        source: 'order',
        clock: systemClock,
        ids: randomIds,
        wake: () => (woken += 1),
      }),
      keyLeaseMs: 1_000,
      expiryMs: 60_000,
    });
  const order = (changes: Partial<NewOrder> = {}, key: string = randomUUID()): NewOrder => ({
    use: { userId: randomUUID(), scope: 'test', key, fingerprint: Buffer.of(0, 1, 0x5c, 0xff) },
    orderId: randomIds.next(),
    lines: [
      {
        productId: randomUUID(),
        sku: 'MUG-BLUE',
        name: 'Mug {"blue", NULL} \\ 雪',
        quantity: 2,
        unitPrice: 1_999,
      },
      { productId: randomUUID(), sku: 'NULL', name: '', quantity: 1, unitPrice: 0 },
    ],
    total: { amount: 3_998, currency: 'EUR' },
    paymentMethod: 'pm_ok',
    leaseOwner: randomUUID(),
    leaseMs: 5_000,
    shippingAddress: undefined,
    traceparent: undefined,
    ...changes,
  });
  const select = async (text: string, ...values: unknown[]) => (await database.query({ text, values })).rows;
  const rowsOf = async (id: string) =>
    (
      await select(
        `select (select count(*) from orders where id = $1) as orders,
          (select count(*) from order_line where order_id = $1) as lines,
          (select count(*) from order_transition where order_id = $1 and state = 'placed') as timeline,
          (select count(*) from idempotency_key where order_id = $1) as keys,
          (select count(*) from outbox where subject = $1::text and type = 'order.placed.v1') as events`,
        id,
      )
    )[0];
  const whole = { orders: 1, lines: 2, timeline: 1, keys: 1, events: 1 };
  const nothing = { orders: 0, lines: 0, timeline: 0, keys: 0, events: 0 };

  it('gives each order its own lines, timeline, key and event, and wakes the relay once', async () => {
    const several = [
      order(),
      order({ lines: order().lines.slice(0, 1), traceparent: '00-1' }),
      order({ leaseMs: 0, total: { amount: 100_000_000_000, currency: 'JPY' } }),
    ];
    expect(await writer()(several)).toEqual([true, true, true]);
    expect(woken).toBe(1);
    expect(await rowsOf(several[0]!.orderId)).toEqual(whole);
    expect(await rowsOf(several[1]!.orderId)).toEqual({ ...whole, lines: 1 });
    const found = await select(
      `select o.id, user_id as "userId", total_amount as amount, currency, payment_method as "paymentMethod",
        lease_owner as "leaseOwner", traceparent, due_at <= now() as overdue,
        (select json_agg(json_build_object('productId', product_id, 'sku', sku, 'name', name, 'quantity', quantity,
          'unitPrice', unit_price) order by position) from order_line where order_id = o.id) as lines,
        (select fingerprint from idempotency_key where order_id = o.id) as fingerprint
      from orders o where id = any ($1::uuid[]) order by id`,
      several.map(({ orderId }) => orderId),
    );
    expect(found).toEqual(
      several.map(({ use, orderId, lines, total, leaseMs, paymentMethod, leaseOwner, traceparent }) => ({
        id: orderId,
        userId: use.userId,
        ...total,
        paymentMethod,
        leaseOwner,
        traceparent: traceparent ?? null,
        overdue: leaseMs === 0,
        lines,
        fingerprint: use.fingerprint,
      })),
    );
  });

  it('writes the others where one has a key that is taken, or its buyer was erased', async () => {
    const first = order();
    expect(await writer()([first])).toEqual([true]);
    const erased = order();
    await select('insert into erased_user (user_id) values ($1)', erased.use.userId);
    const again = order({ use: first.use });
    const other = order({ use: { ...first.use, key: randomUUID() } });
    expect(await writer()([again, other, erased])).toEqual([false, true, false]);
    expect(await Promise.all([again, other, erased].map(({ orderId }) => rowsOf(orderId)))).toEqual([
      nothing,
      whole,
      nothing,
    ]);
  });

  it('claims a key again after it has expired', async () => {
    const first = order();
    await writer()([first]);
    await select('update idempotency_key set expires_at = now() where order_id = $1', first.orderId);
    const later = order({ use: first.use });
    expect(await writer()([later])).toEqual([true]);
    expect(await rowsOf(later.orderId)).toEqual(whole);
    expect(await rowsOf(first.orderId)).toEqual({ ...whole, keys: 0 });
  });

  it('does not fail the neighbours of an order that cannot be written', async () => {
    const writing = createMicroBatcher<NewOrder, boolean>({
      maxBatch: 64,
      maxQueue: 64,
      run: writer(),
      isOutage: () => false,
    });
    const before = order();
    await writer()([before]);
    const orders = Array.from({ length: 20 }, (_, index) =>
      order(index === 7 ? { orderId: before.orderId } : {}),
    );
    const results = await Promise.allSettled(orders.map((one) => writing.submit(one)));
    expect(results.map(({ status }) => status)).toEqual(
      orders.map((_, index) => (index === 7 ? 'rejected' : 'fulfilled')),
    );
    expect(await rowsOf(before.orderId)).toEqual(whole);
    expect(await rowsOf(orders[8]!.orderId)).toEqual(whole);
  });

  it('lets replicas write the same keys in different orders without locking each other out', async () => {
    const userId = randomUUID();
    const [a, b, held] = ['a', 'b', 'held'].map((key) => ({ ...order().use, userId, key }));
    const one = [a, held, b].map((use) => order({ use: use! }));
    const other = [b, held, a].map((use) => order({ use: use! }));
    // Somebody else claims the key in the middle, so that both are at work when they meet.
    const release = await holdKey(held!);
    const written = [writer()(one), writer()(other)];
    await eventually(async () => (await waitingForLocks()) === 2, { what: 'both waiting' });
    await release();
    expect((await Promise.all(written)).flat().filter(Boolean)).toHaveLength(3);
    for (const { key } of [a!, b!, held!]) {
      const rows = await select(
        'select order_id as id from idempotency_key where user_id = $1 and key = $2',
        userId,
        key,
      );
      expect(await Promise.all(rows.map(({ id }) => rowsOf(id as string)))).toEqual([whole]);
    }
  });

  const waitingForLocks = async () =>
    (
      await select(`select count(*) as n from pg_stat_activity where application_name = 'order'
      and datname = current_database() and wait_event_type = 'Lock'`)
    )[0]?.['n'];

  /** Claims a key in a transaction that stays open. @returns what takes it back */
  async function holdKey({ userId, scope, key }: NewOrder['use']): Promise<() => Promise<void>> {
    const client = await database.pool.connect();
    await client.query('begin');
    await client.query(
      `insert into idempotency_key (user_id, scope, key, fingerprint, order_id, lease_until, expires_at)
      values ($1, $2, $3, '', $1, now(), now() + interval '1 h')`,
      [userId, scope, key],
    );
    return async () => {
      await client.query('rollback');
      client.release();
    };
  }
});
