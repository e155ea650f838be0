import { join } from 'node:path';
import { events } from '@bulkhead/contracts/events';
import { createDatabase } from '@bulkhead/database/pool';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createMicroBatcher, type MicroBatcher } from '@bulkhead/service/micro-batcher';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import fc from 'fast-check';
import { expireReservations } from '../reservations/expire-reservations';
import { type InventoryDatabase, inventoryDatabase } from '../database';
import { adjustStock } from '../stock/adjust-stock';
import { findImbalances } from '../stock/find-imbalances';
import { type ApplyBatch, createApplyBatch } from './apply-batch';
import type { Intent } from './decide';
import type { Result } from './apply-batch';

let testDatabase: TestDatabase;
/** Two replicas of the service on one database, each with its own pool and batcher. */
let replicas: Replica[];

interface Replica {
  readonly database: InventoryDatabase;
  readonly close: () => Promise<void>;
  readonly outbox: ReturnType<typeof createOutbox>;
  readonly applyBatch: ApplyBatch;
  readonly batcher: MicroBatcher<Intent, Result>;
}

function startReplica(): Replica {
  const pool = createDatabase({ url: testDatabase.url, applicationName: 'inventory' });
  const database = inventoryDatabase(pool);
  const outbox = createOutbox({
    catalog: events,
    source: 'inventory',
    clock: systemClock,
    ids: randomIds,
    wake: () => undefined,
  });
  const applyBatch = createApplyBatch({ database, outbox });
  const batcher = createMicroBatcher({
    run: applyBatch,
    maxBatch: 8,
    maxQueue: 1_000,
    isOutage: () => false,
  });
  return { database, close: () => pool.close(), outbox, applyBatch, batcher };
}

beforeAll(async () => {
  const migrationsDir = join(__dirname, '../../prisma/migrations');
  testDatabase = await createTestDatabase({ service: 'inventory', migrationsDir });
  replicas = [startReplica(), startReplica()];
});
afterAll(async () => {
  await Promise.all(replicas.map(({ close }) => close()));
  await testDatabase.drop();
});

const first = () => replicas[0]!;

let skus = 0;
async function stockOf(pieces: number): Promise<string> {
  const sku = `SKU-${++skus}`;
  const { database, outbox } = first();
  await database.query({ text: 'insert into stock (sku) values ($1)', values: [sku] });
  if (pieces > 0)
    await adjustStock(
      { database, outbox, ids: randomIds },
      { sku, delta: pieces, reason: 'test', requestKey: null },
    );
  return sku;
}
const countsOf = async (sku: string) => {
  const { rows } = await first().database.query<{ onHand: number; reserved: number; sold: number }>({
    text: 'select on_hand as "onHand", reserved, sold from stock where sku = $1',
    values: [sku],
  });
  return rows[0]!;
};
const outdate = (orderIds: readonly string[]) =>
  first().database.query({
    text: `update reservation set expires_at = now() - interval '1 second' where order_id = any($1::uuid[])`,
    values: [orderIds],
  });
const eventTypesOf = async (subject: string) => {
  const { rows } = await first().database.query<{ type: string; version: number }>({
    text: `select type, (payload ->> 'aggregateversion')::int as version from outbox where subject = $1 order by position`,
    values: [subject],
  });
  return rows;
};

test('200 buyers of the last 10 at two replicas: exactly 10 get one', async () => {
  const sku = await stockOf(10);
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, buyer) =>
      replicas[buyer % 2]!.batcher.submit({
        kind: 'reserve',
        orderId: randomIds.next(),
        lines: [{ sku, quantity: 1 }],
        ttlSeconds: 60,
      }),
    ),
  );
  expect(results.filter(({ kind }) => kind === 'done')).toHaveLength(10);
  expect(results.filter(({ kind }) => kind === 'out-of-stock')).toHaveLength(190);
  expect(await countsOf(sku)).toEqual({ onHand: 0, reserved: 10, sold: 0 });
});

test('one order that arrives at two replicas at once is held once', async () => {
  const sku = await stockOf(100);
  for (let round = 0; round < 20; round++) {
    const orderId = randomIds.next();
    const intent: Intent = { kind: 'reserve', orderId, lines: [{ sku, quantity: 1 }], ttlSeconds: 60 };
    const results = await Promise.all([0, 1, 0, 1].map((replica) => replicas[replica]!.applyBatch([intent])));
    for (const [result] of results)
      expect(result).toMatchObject({ kind: 'done', reservation: { state: 'held' } });
  }
  expect(await countsOf(sku)).toEqual({ onHand: 80, reserved: 20, sold: 0 });
});

test('a release that overtakes its reserve at another replica leaves nothing held', async () => {
  const sku = await stockOf(100);
  for (let round = 0; round < 20; round++) {
    const orderId = randomIds.next();
    await Promise.all([
      first().applyBatch([{ kind: 'release', orderId }]),
      replicas[1]!.applyBatch([{ kind: 'reserve', orderId, lines: [{ sku, quantity: 1 }], ttlSeconds: 60 }]),
    ]);
  }
  expect(await countsOf(sku)).toEqual({ onHand: 100, reserved: 0, sold: 0 });
});

test('an event is published only when stock runs out and when it returns', async () => {
  const sku = await stockOf(3);
  const orderId = randomIds.next();
  const reserve = (id: string, quantity: number): Intent => ({
    kind: 'reserve',
    orderId: id,
    lines: [{ sku, quantity }],
    ttlSeconds: 60,
  });
  await first().applyBatch([reserve(orderId, 1)]);
  await first().applyBatch([reserve(randomIds.next(), 2)]);
  await first().applyBatch([{ kind: 'release', orderId }]);
  expect(await eventTypesOf(sku)).toEqual([
    { type: 'stock.replenished.v1', version: 2 },
    { type: 'stock.depleted.v1', version: 4 },
    { type: 'stock.replenished.v1', version: 5 },
  ]);
});

test('the sweep expires what is overdue by the clock of the database, once, also at two replicas', async () => {
  const sku = await stockOf(500);
  const orderIds = Array.from({ length: 450 }, () => randomIds.next());
  await first().applyBatch(
    orderIds.map((orderId) => ({ kind: 'reserve', orderId, lines: [{ sku, quantity: 1 }], ttlSeconds: 60 })),
  );
  expect(await expireReservations(first())).toBe(0);
  await outdate(orderIds);
  await Promise.all(replicas.map((replica) => expireReservations(replica)));
  expect(await countsOf(sku)).toEqual({ onHand: 500, reserved: 0, sold: 0 });
  for (const orderId of orderIds.slice(0, 5))
    expect(await eventTypesOf(orderId)).toEqual([{ type: 'reservation.expired.v1', version: 2 }]);
});

test('an overdue reservation can no longer be committed, also before the sweep has come', async () => {
  const sku = await stockOf(1);
  const orderId = randomIds.next();
  await first().applyBatch([{ kind: 'reserve', orderId, lines: [{ sku, quantity: 1 }], ttlSeconds: 60 }]);
  await outdate([orderId]);
  expect(await first().applyBatch([{ kind: 'commit', orderId }])).toEqual([
    { kind: 'conflict', state: 'expired' },
  ]);
  expect(await countsOf(sku)).toEqual({ onHand: 0, reserved: 1, sold: 0 });
});

test('whatever orders do at once, at two replicas: no piece is lost, made up or sold twice', async () => {
  const line = fc.record({ sku: fc.nat(2), quantity: fc.integer({ min: 1, max: 4 }) });
  const step = fc.record({
    kind: fc.constantFrom('reserve', 'reserve', 'reserve', 'commit', 'release', 'expire', 'adjust'),
    order: fc.nat(9),
    lines: fc.uniqueArray(line, { minLength: 1, maxLength: 3, selector: ({ sku }) => sku }),
    replica: fc.nat(1),
    waits: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const shelf = [await stockOf(5), await stockOf(5), await stockOf(5)];
      const orderIds = Array.from({ length: 10 }, () => randomIds.next());
      const running: Promise<unknown>[] = [];
      for (const { kind, order, lines, replica, waits } of steps) {
        const { batcher, database, outbox } = replicas[replica]!;
        const orderId = orderIds[order]!;
        const wanted = lines.map(({ sku, quantity }) => ({ sku: shelf[sku]!, quantity }));
        const act = async () => {
          if (kind === 'reserve') return batcher.submit({ kind, orderId, lines: wanted, ttlSeconds: 60 });
          if (kind === 'commit' || kind === 'release') return batcher.submit({ kind, orderId });
          if (kind === 'expire') {
            await outdate([orderId]);
            return expireReservations(replicas[replica]!);
          }
          const { sku, quantity } = wanted[0]!;
          return adjustStock(
            { database, outbox, ids: randomIds },
            { sku, delta: order % 2 ? quantity : -quantity, reason: 'test', requestKey: null },
          ).catch((error: { slug?: string }) => expect(error.slug).toBe('conflict'));
        };
        const done = act();
        running.push(done);
        if (waits) await done;
      }
      await Promise.all(running);
      expect(await findImbalances(first().database)).toEqual([]);
      for (const sku of shelf)
        for (const count of Object.values(await countsOf(sku))) expect(count).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 50 },
  );
}, 120_000);

test('an imbalance is found when there is one', async () => {
  const sku = await stockOf(5);
  await first().database.query({ text: 'update stock set reserved = 1 where sku = $1', values: [sku] });
  expect(await findImbalances(first().database)).toMatchObject([
    { sku, counted: 6, moved: 5, reserved: 1, held: 0 },
  ]);
  await first().database.query({ text: 'update stock set reserved = 0 where sku = $1', values: [sku] });
});
