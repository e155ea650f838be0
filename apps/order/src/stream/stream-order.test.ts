import { randomUUID } from 'node:crypto';
import type { TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

/** Reads a stream until it ends; `received` grows meanwhile. */
function readStream(response: Response) {
  const received: { id: number; state: string }[] = [];
  const ended = (async () => {
    let buffered = '';
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(
      new TextDecoderStream(),
    )) {
      buffered += chunk;
      const messages = buffered.split('\n\n');
      buffered = messages.pop() ?? '';
      for (const message of messages.filter((each) => each.startsWith('id:'))) {
        const [id, event, data] = message.split('\n').map((line) => line.slice(line.indexOf(':') + 2));
        expect(event).toBe('transition');
        received.push({ id: Number(id), state: JSON.parse(data ?? '').state });
      }
    }
  })();
  return { received, ended };
}

describe('the stream of an order', () => {
  let t: TestShop;
  let replica: TestService;
  let user: string;
  beforeAll(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: '200' });
    replica = await t.startReplica();
  });
  beforeEach(() => (user = randomUUID()));
  afterAll(() => t.stop());

  const open = async (orderId: string, at: TestService, headers: Record<string, string> = {}, as = user) =>
    fetch(`${at.origin}/api/v1/orders/${orderId}/events`, { headers: { ...(await at.as(as)), ...headers } });

  const full = ['placed', 'reserved', 'authorised', 'committed', 'confirmed'];

  it('on another replica sends each transition as it happens, and ends with the order', async () => {
    const { productId } = t.shop.addProduct('STREAMED', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    const response = await open(body.id, replica);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const { received, ended } = readStream(response);
    await eventually(() => received.length === 2);
    const payment = t.shop.payments.get(body.id);
    if (payment) payment.status = 'authorised';
    await ended;
    expect(received).toEqual(full.map((state, index) => ({ id: index + 1, state })));
  });

  it('goes on after the event that was seen last, and has nothing to add to an end that was seen', async () => {
    const { productId } = t.shop.addProduct('RESUMED', 100, 1);
    const { body } = await t.buy(user, productId);
    const resumed = readStream(await open(body.id, replica, { 'last-event-id': '3' }));
    await resumed.ended;
    expect(resumed.received.map(({ state }) => state)).toEqual(['committed', 'confirmed']);
    const over = readStream(await open(body.id, replica, { 'last-event-id': '5' }));
    await over.ended;
    expect(over.received).toEqual([]);
  });

  it('of another user is not found, and an invalid last event ID is rejected', async () => {
    const { productId } = t.shop.addProduct('FOREIGN', 100, 1);
    const { body } = await t.buy(user, productId);
    expect((await open(body.id, replica, {}, randomUUID())).status).toBe(404);
    expect((await open(body.id, replica, { 'last-event-id': 'x' })).status).toBe(422);
  });

  it('responds to HEAD with the headers of GET, immediately and without occupying a slot', async () => {
    const { productId } = t.shop.addProduct('HEADED', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    const head = async (as = user) =>
      fetch(`${t.order.origin}/api/v1/orders/${body.id}/events`, {
        method: 'HEAD',
        headers: await t.order.as(as),
      });
    for (let more = 0; more < 5; more += 1) expect((await head()).status).toBe(200);
    expect((await head()).headers.get('content-type')).toContain('text/event-stream');
    expect((await head(randomUUID())).status).toBe(404);
    await t.request(user, 'POST', `/api/v1/orders/${body.id}/cancel`);
  });

  it('is one of five that a user may have open', async () => {
    const { productId } = t.shop.addProduct('MANY', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    const streams = await Promise.all([1, 2, 3, 4, 5].map(() => open(body.id, t.order)));
    const readers = streams.map(readStream);
    await eventually(() => readers.every(({ received }) => received.length === 2));
    const sixth = await open(body.id, t.order);
    expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([429, '10']);
    await t.request(user, 'POST', `/api/v1/orders/${body.id}/cancel`);
    await Promise.all(readers.map(({ ended }) => ended));
    expect((await open(body.id, t.order)).status).toBe(200);
  });
});
