import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';
import { main } from './orders-cli';
import { usage } from './orders-command';

describe('npm run orders', () => {
  let t: TestShop;
  const user = randomUUID();
  beforeEach(async () => {
    t = await startTestShop();
  });
  afterEach(() => t.stop());

  async function run(...args: string[]) {
    const out: string[] = [];
    const write = (chunk: unknown) => out.push(String(chunk)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation(write),
    );
    try {
      const code = await main(args, { DATABASE_URL: t.order.testDatabase?.url });
      return { code, text: out.join('') };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  const needingAttention = async () => {
    const { productId } = t.shop.addProduct(`SKU-${randomUUID().slice(0, 8).toUpperCase()}`, 100, 5);
    const { body } = await t.buy(user, productId);
    t.shop.refusesRefunds = true;
    await t.request(user, 'POST', `/api/v1/orders/${body.id}/cancel`);
    t.shop.refusesRefunds = false;
    return body.id;
  };
  const stateOf = async (orderId: string) =>
    (await t.request(user, 'GET', `/api/v1/orders/${orderId}`)).body.state;

  it('shows what is stuck, and a retry lets the running service finish it', async () => {
    const orderId = await needingAttention();
    const stuck = await run('stuck');
    expect(stuck.text).toContain(`${orderId} needs_attention from=refunding reason=refund-failed`);
    expect(stuck.text).toContain('1 order\n');
    expect(await run('retry', orderId)).toEqual({
      code: 0,
      text: `Order ${orderId} goes on from refunding.\n`,
    });
    await eventually(async () => (await stateOf(orderId)) === 'refunded');
    expect((await run('retry', orderId)).code).toBe(2);
    expect((await run('list', '--state', 'refunded')).text).toContain(orderId);
  });

  it('ends an order with the given result, and publishes the event', async () => {
    const orderId = await needingAttention();
    expect((await run('resolve', orderId, '--as', 'confirmed')).code).toBe(2);
    expect((await run('resolve', orderId, '--as', 'cancelled')).code).toBe(2);
    expect((await run('resolve', orderId, '--as', 'refunded')).code).toBe(0);
    expect(await stateOf(orderId)).toBe('refunded');
    const told = await t.order.database.query({
      text: "select from outbox where subject = $1 and type = 'order.refunded.v1'",
      values: [orderId],
    });
    expect(told.rowCount).toBe(1);
    expect((await run('resolve', orderId, '--as', 'refunded')).text).toContain(
      'only one that needs attention',
    );
  });

  it('says how it is used', async () => {
    for (const args of [[], ['unknown'], ['list', '--no-such']]) {
      const { code, text } = await run(...args);
      expect([code, text.includes(usage)]).toEqual([2, true]);
    }
    expect((await run('retry', 'x')).text).toBe('The id of an order is needed.\n');
    expect((await run('retry', randomUUID())).text).toMatch(/^There is no order/);
    expect((await run('list', '--state', 'lost')).text).toMatch(/^A state must be one of placed, /);
    expect((await run('list', '--limit', '-1')).code).toBe(2);
  });
});
