import { randomUUID } from 'node:crypto';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { eventually } from '@bulkhead/testing/eventually';
import { deliverEvent } from '@bulkhead/service/testing/deliver-event';
import { startTestShop, type TestShop } from '../testing/test-shop';

const address = {
  recipient: 'Grace Hopper',
  line1: '1 Navy Yard',
  line2: null,
  postalCode: '20374',
  city: 'Washington',
  region: 'DC',
  country: 'US',
};
let t: TestShop;
let productId: string;
beforeAll(async () => {
  t = await startTestShop();
  ({ productId } = t.shop.addProduct('SHIPPED', 100, 1_000));
});
afterAll(() => t.stop());

const buy = (userId: string, shippingAddress?: object, key: string = randomUUID()) =>
  t.buy(userId, productId, {
    key,
    body: { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok', shippingAddress },
  });
/** A cold process on a busy machine may not get its prices in time. */
const bought = async (userId: string, shippingAddress?: object): Promise<string> => {
  const key = randomUUID();
  let id = '';
  await eventually(async () => {
    const { status, body } = await buy(userId, shippingAddress, key);
    expect([201, 202]).toContain(status);
    id = body.id;
  });
  return id;
};
const addressOf = async (userId: string, id: string) =>
  (JSON.parse((await t.request(userId, 'GET', `/api/v1/orders/${id}`)).text) as { shippingAddress: unknown })
    .shippingAddress;

test('an order keeps the address that it came with, also in what a person gets of their data', async () => {
  const user = randomUUID();
  const id = await bought(user, address);
  expect(await addressOf(user, id)).toEqual(address);
  const target = `${t.order.origin}/internal/users/${user}/export`;
  const exported = await fetch(target, { headers: await t.order.asService('profile') });
  expect(await exported.json()).toMatchObject({ items: [{ id, shippingAddress: address }] });
});

test('an order without an address is an order, too', async () => {
  const user = randomUUID();
  expect(await addressOf(user, await bought(user))).toBeNull();
});

test('an address that is none is refused at its field, and nothing is ordered', async () => {
  const user = randomUUID();
  const { status, body } = await buy(user, { ...address, country: 'XX' });
  expect([status, body.errors[0]?.pointer]).toEqual([422, '/body/shippingAddress/country']);
  expect((await t.request(user, 'GET', '/api/v1/orders')).body.items).toEqual([]);
});

test('another address with the same key is another wish, which the key is not for', async () => {
  const user = randomUUID();
  const key = randomUUID();
  await eventually(async () => expect([201, 202]).toContain((await buy(user, address, key)).status));
  expect((await buy(user, { ...address, city: 'Arlington' }, key)).status).toBe(422);
});

test('nobody’s address stays once they are erased', async () => {
  const user = randomUUID();
  const id = await bought(user, address);
  const erasureId = randomUUID();
  t.shop.erasures.requested.set(user, erasureId);
  await deliverEvent(t.order.database, 'order.erasure', erasureRequested, { userId: user, erasureId });
  await eventually(async () => {
    const { rows } = await t.order.database.query({
      text: 'select buyer_erased, shipping_address from orders where id = $1',
      values: [id],
    });
    expect(rows).toEqual([{ buyer_erased: true, shipping_address: null }]);
  });
});
