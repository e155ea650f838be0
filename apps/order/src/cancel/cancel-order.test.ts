import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

describe('cancelling an order', () => {
  let t: TestShop;
  let user: string;
  beforeAll(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: '5000' });
  });
  beforeEach(() => {
    user = randomUUID();
    t.shop.fault = () => undefined;
    t.shop.before = async () => undefined;
    t.shop.after = async () => undefined;
    t.shop.refusesRefunds = false;
  });
  afterAll(() => t.stop());

  const cancel = (orderId: string, as = user) => t.request(as, 'POST', `/api/v1/orders/${orderId}/cancel`);
  const get = async (orderId: string) => (await t.request(user, 'GET', `/api/v1/orders/${orderId}`)).body;
  const eventsOf = async (orderId: string) =>
    (
      await t.order.database.query<{ type: string }>({
        text: 'select type from outbox where subject = $1 order by position',
        values: [orderId],
      })
    ).rows.map(({ type }) => type);

  it('releases money and stock of an order that still waits for the bank', async () => {
    const { productId } = t.shop.addProduct('WAITING', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    const response = await cancel(body.id);
    expect([response.status, response.body.status]).toEqual([200, 'cancelled']);
    expect(t.shop.payments.get(body.id)?.status).toBe('voided');
    expect(t.shop.taken('WAITING')).toBe(0);
    expect(await eventsOf(body.id)).toEqual(['order.placed.v1', 'order.cancelled.v1']);
    expect((await cancel(body.id)).body).toEqual(response.body);
  });

  it('refunds a confirmed order and puts its stock back', async () => {
    const { productId } = t.shop.addProduct('REFUND', 100, 1);
    const { body } = await t.buy(user, productId);
    const response = await cancel(body.id);
    expect([response.status, response.body.status]).toEqual([200, 'refunded']);
    expect(t.shop.payments.get(body.id)).toMatchObject({ captured: 100, refunded: 100 });
    expect(t.shop.taken('REFUND')).toBe(0);
    expect(await eventsOf(body.id)).toEqual(['order.placed.v1', 'order.confirmed.v1', 'order.refunded.v1']);
  });

  it('during the authorisation ends cancelled, with no money held', async () => {
    const { productId } = t.shop.addProduct('MEANWHILE', 100, 1);
    let cancelled: Awaited<ReturnType<typeof cancel>> | undefined;
    t.shop.after = async (operation, orderId) => {
      if (operation === 'authorise') cancelled = await cancel(orderId);
    };
    const { body } = await t.buy(user, productId);
    expect([cancelled?.status, cancelled?.body.status]).toEqual([200, 'cancelled']);
    expect(t.shop.payments.get(body.id)?.status).toBe('voided');
    expect((await get(body.id)).status).toBe('cancelled');
  });

  it.each([['before'], ['after']] as const)(
    'right %s the capture ends in one state, with the money where that state says',
    async (moment) => {
      const { productId } = t.shop.addProduct(`RACE-${moment.toUpperCase()}`, 100, 1);
      t.shop[moment] = async (operation, orderId) => {
        if (operation === 'capture') await cancel(orderId);
      };
      const { body } = await t.buy(user, productId);
      await eventually(async () => (await get(body.id)).status !== 'pending');
      const { status } = await get(body.id);
      const payment = t.shop.payments.get(body.id);
      expect(status).toBe(moment === 'before' ? 'cancelled' : 'refunded');
      expect((payment?.captured ?? 0) - (payment?.refunded ?? 0)).toBe(0);
      expect(t.shop.taken(`RACE-${moment.toUpperCase()}`)).toBe(0);
      const ends = (await eventsOf(body.id)).filter((type) => type !== 'order.placed.v1');
      expect(ends).toEqual([`order.${status}.v1`]);
    },
  );

  it('answers 202 while payment is away, frees the stock at once, and ends when payment is back', async () => {
    const { productId } = t.shop.addProduct('LATER', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    t.shop.fault = (operation) => (operation === 'void' ? 'refuse' : undefined);
    const response = await cancel(body.id);
    expect([response.status, response.body.state]).toEqual([202, 'cancelling']);
    expect(t.shop.taken('LATER')).toBe(0);
    t.shop.fault = () => undefined;
    await eventually(async () => (await get(body.id)).status === 'cancelled');
  });

  it('whose refund is refused for good needs a person, and says so once', async () => {
    const { productId } = t.shop.addProduct('REFUSED', 100, 1);
    const { body } = await t.buy(user, productId);
    t.shop.refusesRefunds = true;
    const response = await cancel(body.id);
    expect([response.status, response.body.state]).toEqual([202, 'needs_attention']);
    expect(await eventsOf(body.id)).toEqual([
      'order.placed.v1',
      'order.confirmed.v1',
      'order.needs-attention.v1',
    ]);
    expect((await cancel(body.id)).body.type).toBe('urn:bulkhead:problem:not-cancellable');
  });

  it('is rejected for a rejected order, and for another user’s order', async () => {
    const { productId } = t.shop.addProduct('NOT-MINE', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_declined' });
    const response = await cancel(body.orderId);
    expect([response.status, response.body.type]).toEqual([409, 'urn:bulkhead:problem:not-cancellable']);
    expect((await cancel(body.orderId, randomUUID())).status).toBe(404);
  });
});
