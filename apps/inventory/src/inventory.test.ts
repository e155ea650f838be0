import path from 'node:path';
import { exampleStock } from '@bulkhead/contracts/product/catalog-seed';
import { randomIds } from '@bulkhead/service/ids';
import { startTestService, type TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import fc from 'fast-check';
import supertest from 'supertest';
import { inventoryService } from './app';
import type { Command } from './reservations/commands';
import { createReservations } from './reservations/reservations';

const migrationsDir = path.join(__dirname, '../prisma/migrations');
const adminId = randomIds.next();
let service: TestService;
let order: Record<string, string>;
let admin: Record<string, string>;

beforeAll(async () => {
  service = await startTestService(inventoryService as never, {
    migrationsDir,
    config: { INVENTORY_EXPIRY_EVERY_MS: '50' },
  });
  order = await service.asService('order');
  admin = await service.as(adminId, ['admin']);
});
afterAll(() => service.stop());

let skus = 0;
/** A SKU of the test's own, with so many pieces. */
async function stockOf(onHand: number): Promise<string> {
  const sku = `TEST-${++skus}`;
  await service.database.query({ text: 'insert into stock (sku) values ($1)', values: [sku] });
  if (onHand > 0) expect((await adjust(sku, { delta: onHand, reason: 'delivery' })).status).toBe(200);
  return sku;
}

const http = () => supertest(service.origin);
const adjust = (sku: string, body: object, headers: Record<string, string> = {}) =>
  http()
    .post(`/api/v1/stock/${sku}/adjustments`)
    .set({ ...admin, ...headers })
    .send(body);
const reserve = (orderId: string, lines: { sku: string; quantity: number }[], ttlSeconds = 60) =>
  http().put(`/internal/reservations/${orderId}`).set(order).send({ lines, ttlSeconds });
const settle = (orderId: string, how: 'commit' | 'release') =>
  http().post(`/internal/reservations/${orderId}/${how}`).set(order).send();
const pieces = async (sku: string) => {
  const { rows } = await service.database.query<{
    on_hand: number;
    reserved: number;
    sold: number;
    moved: number;
  }>({
    text: `select on_hand, reserved, sold, (select sum(delta)::int from movement where sku = $1) as moved
      from stock where sku = $1`,
    values: [sku],
  });
  return rows[0];
};
const eventsOf = async (subject: string) => {
  const { rows } = await service.database.query<{ type: string }>({
    text: 'select type from outbox where subject = $1 order by position',
    values: [subject],
  });
  return rows.map(({ type }) => type);
};

describe('a reservation', () => {
  it('holds its pieces, sells them on commit, and gives them back on release', async () => {
    const sku = await stockOf(5);
    const orderId = randomIds.next();
    const held = await reserve(orderId, [{ sku, quantity: 3 }]);
    expect(held.body).toMatchObject({ orderId, state: 'held', expiresAt: expect.any(String) });
    expect(await pieces(sku)).toEqual({ on_hand: 2, reserved: 3, sold: 0, moved: 5 });
    expect((await settle(orderId, 'commit')).body).toMatchObject({ state: 'committed' });
    expect(await pieces(sku)).toEqual({ on_hand: 2, reserved: 0, sold: 3, moved: 5 });
    expect((await settle(orderId, 'release')).body).toMatchObject({ state: 'released' });
    expect(await pieces(sku)).toEqual({ on_hand: 5, reserved: 0, sold: 0, moved: 5 });
  });

  it('may be asked for again and again, and happens once', async () => {
    const sku = await stockOf(5);
    const orderId = randomIds.next();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => reserve(orderId, [{ sku, quantity: 2 }])),
    );
    expect(new Set(answers.map(({ body }) => body.state))).toEqual(new Set(['held']));
    expect(await pieces(sku)).toMatchObject({ on_hand: 3, reserved: 2 });
    await settle(orderId, 'release');
    expect((await reserve(orderId, [{ sku, quantity: 2 }])).body).toMatchObject({ state: 'released' });
    expect(await pieces(sku)).toMatchObject({ on_hand: 5, reserved: 0 });
    expect((await settle(orderId, 'commit')).status).toBe(409);
  });

  it('holds all of its lines or none, and names what is short', async () => {
    const [plenty, scarce] = [await stockOf(5), await stockOf(1)];
    const answer = await reserve(randomIds.next(), [
      { sku: plenty, quantity: 1 },
      { sku: scarce, quantity: 2 },
      { sku: 'NOT-KEPT', quantity: 1 },
    ]);
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      type: 'urn:bulkhead:problem:out-of-stock',
      skus: [scarce, 'NOT-KEPT'],
    });
    expect(await pieces(plenty)).toMatchObject({ on_hand: 5, reserved: 0 });
  });

  it('that is released before it is asked for holds nothing when it comes late', async () => {
    const sku = await stockOf(1);
    const orderId = randomIds.next();
    expect((await settle(orderId, 'release')).body).toEqual({ orderId, state: 'released', expiresAt: null });
    expect((await reserve(orderId, [{ sku, quantity: 1 }])).body).toMatchObject({ state: 'released' });
    expect(await pieces(sku)).toMatchObject({ on_hand: 1, reserved: 0 });
  });

  it('that nobody settles expires, gives its pieces back and says so', async () => {
    const sku = await stockOf(1);
    const orderId = randomIds.next();
    await reserve(orderId, [{ sku, quantity: 1 }], 1);
    await eventually(async () => expect(await pieces(sku)).toMatchObject({ on_hand: 1, reserved: 0 }));
    expect(await eventsOf(orderId)).toEqual(['reservation.expired.v1']);
    expect((await settle(orderId, 'commit')).body).toMatchObject({ status: 409, state: 'expired' });
  });

  it('of an unknown order cannot be committed', async () => {
    expect((await settle(randomIds.next(), 'commit')).status).toBe(404);
  });
});

describe('the last pieces', () => {
  it('go to exactly as many of 200 buyers as there are pieces', async () => {
    const sku = await stockOf(10);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => reserve(randomIds.next(), [{ sku, quantity: 1 }])),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(190);
    expect(await pieces(sku)).toMatchObject({ on_hand: 0, reserved: 10 });
    expect(await eventsOf(sku)).toEqual(['stock.replenished.v1', 'stock.depleted.v1']);
  });
});

describe('whatever happens in whatever order, in two replicas at once', () => {
  it('no piece is lost, made up or sold twice', async () => {
    const replicas = [1, 2].map(() =>
      createReservations({
        database: service.database,
        outbox: { append: async () => undefined, rows: () => '[]', wake: () => undefined },
      }),
    );
    const command = fc.record({
      kind: fc.constantFrom('reserve', 'reserve', 'commit', 'release', 'expire'),
      order: fc.nat(7),
      lines: fc.array(fc.record({ sku: fc.nat(2), quantity: fc.integer({ min: 1, max: 4 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      replica: fc.nat(1),
      waits: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const names = [await stockOf(6), await stockOf(6), await stockOf(6)];
        const orders = Array.from({ length: 8 }, () => randomIds.next());
        const running: Promise<unknown>[] = [];
        for (const { kind, order, lines, replica, waits } of commands) {
          const orderId = orders[order]!;
          const asked: Command =
            kind === 'reserve'
              ? {
                  kind,
                  orderId,
                  ttlSeconds: 60,
                  lines: lines.map(({ sku, quantity }) => ({ sku: names[sku]!, quantity })),
                }
              : { kind: kind as 'commit', orderId };
          const done = replicas[replica]!.carryOut(asked);
          running.push(done);
          if (waits) await done;
        }
        await Promise.all(running);
        for (const sku of names) {
          const { rows } = await service.database.query<{ held: number; sold: number }>({
            text: `select coalesce(sum(quantity) filter (where state = 'held'), 0)::int as held,
                coalesce(sum(quantity) filter (where state = 'committed'), 0)::int as sold
              from reservation_line join reservation using (order_id) where sku = $1`,
            values: [sku],
          });
          const { held, sold } = rows[0]!;
          expect(await pieces(sku)).toEqual({ on_hand: 6 - held - sold, reserved: held, sold, moved: 6 });
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('an admin', () => {
  it('sets the stock on the version they have seen, and only on that', async () => {
    const sku = await stockOf(5);
    const put = (headers: Record<string, string>) =>
      http()
        .put(`/api/v1/stock/${sku}`)
        .set({ ...admin, ...headers })
        .send({ onHand: 9 });
    const etag = (await http().get(`/api/v1/stock/${sku}`).set(admin)).headers['etag']!;
    expect((await put({})).status).toBe(428);
    expect((await put({ 'if-match': '"999"' })).status).toBe(412);
    const set = await put({ 'if-match': etag });
    expect(set.body).toMatchObject({ onHand: 9, reserved: 0, sold: 0 });
    expect((await put({ 'if-match': etag })).status).toBe(412);
    expect(await pieces(sku)).toMatchObject({ on_hand: 9, moved: 9 });
  });

  it('adjusts it once per idempotency key, and cannot take what is not there', async () => {
    const sku = await stockOf(5);
    const key = { 'idempotency-key': randomIds.next() };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => adjust(sku, { delta: -2, reason: 'broken' }, key)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await pieces(sku)).toMatchObject({ on_hand: 3, moved: 3 });
    expect((await adjust(sku, { delta: -1, reason: 'broken' }, key)).body.type).toBe(
      'urn:bulkhead:problem:idempotency-key-reused',
    );
    expect((await adjust(sku, { delta: -4, reason: 'broken' })).status).toBe(409);
  });

  it('reads the journal page by page', async () => {
    const sku = await stockOf(1);
    for (let i = 0; i < 4; i++) await adjust(sku, { delta: 1, reason: `delivery ${i}` });
    const reasons: string[] = [];
    let next: string | null = `/api/v1/stock/${sku}/movements?limit=2`;
    while (next) {
      const page: { body: { items: { reason: string }[]; next: string | null } } = await http()
        .get(next)
        .set(admin);
      reasons.push(...page.body.items.map(({ reason }) => reason));
      next = page.body.next;
    }
    expect(reasons).toEqual(['delivery 3', 'delivery 2', 'delivery 1', 'delivery 0', 'delivery']);
  });

  it('is told of a SKU that nobody keeps', async () => {
    expect((await adjust('NOT-KEPT', { delta: 1, reason: 'x' })).status).toBe(404);
    expect((await http().get('/api/v1/stock/NOT-KEPT').set(admin)).status).toBe(404);
  });
});

describe('example stock', () => {
  it('is there once, however often the service starts', async () => {
    const config = { SEED: 'on' };
    for (let i = 0; i < 2; i++) {
      const seeded = await startTestService(inventoryService as never, {
        config,
        network: service.network,
        database: service.testDatabase!,
      });
      await eventually(async () => {
        const { rows } = await service.database.query<{ sku: string; on_hand: number }>({
          text: 'select sku, on_hand from stock where sku = any($1) and on_hand > 0',
          values: [Object.keys(exampleStock)],
        });
        expect(rows).toHaveLength(Object.values(exampleStock).filter((quantity) => quantity > 0).length);
        for (const { sku, on_hand } of rows) expect(on_hand).toBe(exampleStock[sku]);
      });
      await seeded.stop();
    }
  });
});
