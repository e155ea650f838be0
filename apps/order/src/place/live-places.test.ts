import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '@bulkhead/database/admin-client';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

const places = 4;
const budgetMs = 1_500;

let t: TestShop;
const user = randomUUID();
beforeAll(async () => {
  // Recovery looks once, at the start: what is leased afterwards is leased for a live request.
  t = await startTestShop({
    ORDER_LIVE_SAGAS: String(places),
    ORDER_RECOVERY_EVERY_MS: '60000',
    ORDER_BUDGET_MS: String(budgetMs),
  });
});
afterAll(() => t.stop());

const count = async (condition: string): Promise<number> => {
  const text = `select count(*)::int as count from orders where ${condition}`;
  return (await t.order.database.query<{ count: number }>({ text })).rows[0]!.count;
};

it('of many orders at once, those that find no place are left to recovery at once, and none holds a lease that nobody works under', async () => {
  const { productId } = t.shop.addProduct('CROWD', 100, 1_000);
  const held = Promise.withResolvers<void>();
  t.shop.before = (operation) => (operation === 'reserve' ? held.promise : Promise.resolve());
  const orders = Array.from({ length: 40 }, () => t.buy(user, productId));
  try {
    await eventually(async () => (await count('true')) === orders.length, { what: 'forty orders' });
    expect(await count('lease_owner is not null and due_at > now()')).toBe(places);
    expect(await count('due_at <= now()')).toBe(orders.length - places);
  } finally {
    held.resolve();
  }
  const responses = await Promise.all(orders);
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([201, 202]));
  t.shop.before = () => Promise.resolve();
  await t.runJob('recover-orders');
  await eventually(async () => (await count(`state = 'confirmed'`)) === orders.length, {
    what: 'forty confirmed',
  });
});

it('a buyer’s budget is one: what was waited for before the quote is not to be had again', async () => {
  const { productId } = t.shop.addProduct('LATE', 100, 10);
  const waitMs = 400;
  t.shop.quotedWithin.length = 0;
  await withClient(t.order.testDatabase!.ownerUrl, async (owner) => {
    await owner.query('begin');
    await owner.query('lock table idempotency_key in access exclusive mode');
    const bought = t.buy(user, productId);
    const waiting = `select from pg_locks where not granted and relation = 'idempotency_key'::regclass`;
    await eventually(async () => (await owner.query(waiting)).rowCount === 1, {
      what: 'a request that waits',
    });
    await sleep(waitMs);
    await owner.query('commit');
    await bought;
  });
  expect(t.shop.quotedWithin).toHaveLength(1);
  expect(t.shop.quotedWithin[0]).toBeLessThanOrEqual(budgetMs - waitMs);
});
