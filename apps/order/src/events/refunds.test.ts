import { randomUUID } from 'node:crypto';
import { refundUpdated } from '@bulkhead/contracts/payment/events';
import { eventually } from '@bulkhead/testing/eventually';
import { deliverEvent } from '@bulkhead/service/testing/deliver-event';
import { startTestShop, type TestShop } from '../testing/test-shop';

describe('a refund reported by payment', () => {
  let t: TestShop;
  let user: string;
  let orderId: string;
  beforeAll(async () => {
    t = await startTestShop();
  });
  beforeEach(async () => {
    user = randomUUID();
    const { productId } = t.shop.addProduct(`PAID-${user.slice(0, 8).toUpperCase()}`, 1_000, 1);
    orderId = (await t.buy(user, productId)).body.id;
  });
  afterAll(() => t.stop());

  const rows = async (text: string, ...values: unknown[]) =>
    (await t.order.database.query({ text, values })).rows;
  const shown = async () => (await t.request(user, 'GET', `/api/v1/orders/${orderId}`)).body;
  const told = async () =>
    (
      await rows(
        `select type, payload -> 'data' as data from outbox where subject = $1 and type like 'order.refund-%' order by position`,
        orderId,
      )
    ).map((row) => row as { type: string; data: Record<string, unknown> });

  interface News {
    readonly refundId: string;
    readonly amount?: number;
    readonly status: 'pending' | 'succeeded' | 'failed';
    readonly origin?: 'order' | 'staff' | 'provider';
    readonly accepted?: boolean;
    readonly version: number;
  }
  async function publish({ amount = 300, origin = 'staff', accepted = false, version, ...news }: News) {
    const paymentId = t.shop.payments.get(orderId)!.paymentId;
    const data = { paymentId, orderId, ...news, amount: { amount, currency: 'EUR' }, origin, accepted };
    await deliverEvent(t.order.database, 'order.payments', refundUpdated, data, {
      aggregateVersion: version,
    });
    await eventually(
      async () => (await rows(`select from delivery where consumer_group = 'order.payments'`)).length === 0,
    );
  }

  it('is shown on the order, the buyer is notified once per step, and the state of the order does not change', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    await publish({ refundId: first, status: 'pending', version: 1 });
    expect(await shown()).toMatchObject({
      status: 'confirmed',
      refunded: { amount: 0, currency: 'EUR' },
      refunds: [{ id: first, amount: { amount: 300, currency: 'EUR' }, status: 'pending' }],
    });
    await publish({ refundId: first, status: 'succeeded', version: 2 });
    await publish({ refundId: first, status: 'succeeded', version: 2 });
    await publish({ refundId: first, status: 'pending', version: 1 });
    // At the provider's dashboard, and the first that is heard of it.
    await publish({ refundId: second, amount: 700, status: 'succeeded', origin: 'provider', version: 1 });

    const order = await shown();
    expect(order).toMatchObject({
      status: 'confirmed',
      state: 'confirmed',
      version: 5,
      refunded: { amount: 1_000, currency: 'EUR' },
      refunds: [{ status: 'succeeded' }, { id: second, status: 'succeeded' }],
    });
    expect(t.shop.reservations.get(orderId)?.state).toBe('committed');
    const [list] = (await t.request(user, 'GET', '/api/v1/orders')).body.items;
    expect(list).toMatchObject({ refunded: { amount: 1_000 } });
    expect((await told()).map(({ type, data }) => [type, data['amount'], data['refundedTotal']])).toEqual([
      ['order.refund-paid.v1', { amount: 300, currency: 'EUR' }, { amount: 300, currency: 'EUR' }],
      ['order.refund-paid.v1', { amount: 700, currency: 'EUR' }, { amount: 1_000, currency: 'EUR' }],
    ]);
  });

  it('and that fails after it succeeded is reverted on the order, and the buyer is notified', async () => {
    const refundId = randomUUID();
    await publish({ refundId, status: 'succeeded', version: 2 });
    await publish({ refundId, status: 'failed', accepted: true, version: 3 });
    await publish({ refundId, status: 'succeeded', version: 2 });
    expect(await shown()).toMatchObject({ refunded: { amount: 0 }, refunds: [{ status: 'failed' }] });
    expect((await told()).map(({ type }) => type)).toEqual([
      'order.refund-paid.v1',
      'order.refund-failed.v1',
    ]);
  });

  it('and that was rejected at once is shown, without a notification', async () => {
    const refundId = randomUUID();
    await publish({ refundId, status: 'pending', version: 1 });
    await publish({ refundId, status: 'failed', version: 2 });
    expect(await shown()).toMatchObject({ refunds: [{ status: 'failed' }] });
    expect(await told()).toEqual([]);
  });

  it('of a cancelled order is reported by the final event of the order, and so is its failure', async () => {
    await publish({
      refundId: randomUUID(),
      amount: 1_000,
      status: 'succeeded',
      origin: 'order',
      version: 2,
    });
    expect(await told()).toEqual([]);
    await publish({ refundId: randomUUID(), amount: 1_000, status: 'failed', origin: 'order', version: 2 });
    expect((await told()).map(({ type }) => type)).toEqual(['order.refund-failed.v1']);
  });

  it('of an order whose buyer was erased says that nobody is to be notified', async () => {
    await rows('update orders set user_id = gen_random_uuid(), buyer_erased = true where id = $1', orderId);
    await publish({ refundId: randomUUID(), status: 'succeeded', version: 2 });
    expect(await told()).toMatchObject([{ data: { buyerErased: true } }]);
    expect((await told())[0]?.data['userId']).not.toBe(user);
  });
});
