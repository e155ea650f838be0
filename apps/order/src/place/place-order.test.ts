import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

describe('placing an order', () => {
  let t: TestShop;
  const user = randomUUID();

  beforeAll(async () => {
    t = await startTestShop();
  });
  afterAll(() => t.stop());

  it('confirms an order that is in stock and paid, at the price of the catalog', async () => {
    const kettle = t.shop.addProduct('KETTLE', 1999, 10);
    const answer = await t.buy(user, kettle.productId, { quantity: 3 });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      status: 'confirmed',
      state: 'confirmed',
      version: 5,
      total: { amount: 5997, currency: 'EUR' },
      items: [{ sku: 'KETTLE', quantity: 3, unitPrice: { amount: 1999 }, total: { amount: 5997 } }],
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/orders/${answer.body.id}`);
    expect(t.shop.payments.get(answer.body.id)).toMatchObject({ status: 'captured', captured: 5997 });
    expect(t.shop.reservations.get(answer.body.id)?.state).toBe('committed');

    const details = await t.request(user, 'GET', `/api/v1/orders/${answer.body.id}`);
    expect(details.body.timeline.map(({ state }: { state: string }) => state)).toEqual([
      'placed',
      'reserved',
      'authorised',
      'committed',
      'confirmed',
    ]);
  });
});
