import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

describe('placing an order', () => {
  let t: TestShop;
  let user: string;

  beforeAll(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: '2500' });
  });
  beforeEach(() => {
    user = randomUUID();
    t.shop.fault = () => undefined;
    t.shop.before = async () => undefined;
  });
  afterAll(() => t.stop());

  const get = async (orderId: string) => (await t.request(user, 'GET', `/api/v1/orders/${orderId}`)).body;
  const becomes = (orderId: string, status: string) =>
    eventually(async () => (await get(orderId)).status === status, { what: `the order being ${status}` });
  const ordersWritten = async () =>
    (await t.order.database.query<{ n: number }>({ text: 'select count(*) as n from orders' })).rows[0]?.n;
  const eventsOf = async (orderId: string) =>
    (
      await t.order.database.query<{ type: string }>({
        text: 'select type from outbox where subject = $1 order by position',
        values: [orderId],
      })
    ).rows.map(({ type }) => type);

  it('confirms an order that is in stock and paid, at the price of the catalog', async () => {
    const kettle = t.shop.addProduct('KETTLE', 1999, 10);
    const response = await t.buy(user, kettle.productId, { quantity: 3 });
    expect(response.status).toBe(201);
    expect(response.body).toMatchObject({
      status: 'confirmed',
      state: 'confirmed',
      version: 5,
      total: { amount: 5997, currency: 'EUR' },
      items: [{ sku: 'KETTLE', quantity: 3, unitPrice: { amount: 1999 }, total: { amount: 5997 } }],
    });
    expect(response.headers.get('location')).toBe(`/api/v1/orders/${response.body.id}`);
    expect(t.shop.payments.get(response.body.id)).toMatchObject({ status: 'captured', captured: 5997 });
    expect(t.shop.reservations.get(response.body.id)?.state).toBe('committed');

    const { timeline } = await get(response.body.id);
    const states = timeline.map(({ state }: { state: string }) => state);
    expect(states).toEqual(['placed', 'reserved', 'authorised', 'committed', 'confirmed']);
    expect(await eventsOf(response.body.id)).toEqual(['order.placed.v1', 'order.confirmed.v1']);
  });

  it('rejects an order whose payment is declined, and gives its stock back', async () => {
    const { productId } = t.shop.addProduct('DECLINED', 500, 1);
    const response = await t.buy(user, productId, { paymentMethod: 'pm_declined' });
    expect(response.status).toBe(402);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.body).toMatchObject({ type: 'urn:bulkhead:problem:payment-declined', status: 402 });
    expect(t.shop.taken('DECLINED')).toBe(0);
    expect(await get(response.body.orderId)).toMatchObject({
      status: 'rejected',
      reason: 'payment-declined',
    });
    expect(await eventsOf(response.body.orderId)).toEqual(['order.placed.v1', 'order.rejected.v1']);
  });

  it('rejects an order for more than there is, names what lacks, and charges nothing', async () => {
    const scarce = t.shop.addProduct('SCARCE', 500, 1);
    const plenty = t.shop.addProduct('PLENTY', 500, 100);
    const items = [scarce, plenty].map(({ productId }) => ({ productId, quantity: 2 }));
    const response = await t.buy(user, '', { body: { items, paymentMethod: 'pm_ok' } });
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({
      type: 'urn:bulkhead:problem:out-of-stock',
      items: [{ productId: scarce.productId, sku: 'SCARCE' }],
    });
    expect(t.shop.payments.has(response.body.orderId)).toBe(false);
    expect(t.shop.taken('PLENTY')).toBe(0);
    expect(await get(response.body.orderId)).toMatchObject({ status: 'rejected', reason: 'out-of-stock' });
  });

  it('sells the last ten pieces to ten of many buyers at once', async () => {
    const { productId } = t.shop.addProduct('LAST-TEN', 100, 10);
    const responses = await Promise.all(Array.from({ length: 40 }, () => t.buy(randomUUID(), productId)));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.every((status) => [201, 202, 409].includes(status))).toBe(true);
    await eventually(
      async () => [...t.shop.reservations.values()].filter(({ state }) => state === 'held').length === 0,
    );
    expect(t.shop.taken('LAST-TEN')).toBe(10);
  });

  describe('writes nothing and says why when', () => {
    let before: number | undefined;
    beforeEach(async () => (before = await ordersWritten()));
    afterEach(async () => expect(await ordersWritten()).toBe(before));

    const order = (items: unknown, more: object = {}) =>
      t.buy(user, '', { body: { items, paymentMethod: 'pm_ok', ...more } });

    it('there is no idempotency key', async () => {
      const { productId } = t.shop.addProduct('KEYLESS', 100, 1);
      const response = await t.request(user, 'POST', '/api/v1/orders', {
        body: { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' },
      });
      expect([response.status, response.body.type]).toEqual([
        400,
        'urn:bulkhead:problem:idempotency-key-required',
      ]);
    });

    it('a product is not in the catalog', async () => {
      const known = t.shop.addProduct('KNOWN', 100, 1);
      const response = await order([
        { productId: known.productId, quantity: 1 },
        { productId: randomUUID(), quantity: 1 },
      ]);
      expect(response.status).toBe(422);
      expect(response.body.type).toBe('urn:bulkhead:problem:unknown-product');
      expect(response.body.errors).toEqual([
        { pointer: '/body/items/1/productId', detail: 'is not in the catalog' },
      ]);
    });

    it('the price is not what the buyer saw', async () => {
      const { productId } = t.shop.addProduct('DEARER', 120, 1);
      const seen = { expectedTotal: { amount: 100, currency: 'EUR' } };
      const response = await order([{ productId, quantity: 1 }], seen);
      expect(response.status).toBe(409);
      expect(response.body).toMatchObject({
        type: 'urn:bulkhead:problem:price-changed',
        total: { amount: 120, currency: 'EUR' },
      });
    });

    it('the prices are in several currencies', async () => {
      const euro = t.shop.addProduct('EURO', 100, 1);
      const dollar = t.shop.addProduct('DOLLAR', 100, 1, 'USD');
      const response = await order([euro, dollar].map(({ productId }) => ({ productId, quantity: 1 })));
      expect([response.status, response.body.errors[0]?.pointer]).toEqual([422, '/body/items']);
    });

    it('the total is more than the shop can charge, or nothing at all', async () => {
      for (const price of [90_000_000_000, 0]) {
        const { productId } = t.shop.addProduct(`PRICED-${price}`, price, 99);
        const response = await order([{ productId, quantity: 99 }]);
        expect([response.status, response.body.errors[0]?.pointer]).toEqual([422, '/body/items']);
      }
    });

    it('a product is in two items, or a quantity or a price is made up', async () => {
      const { productId } = t.shop.addProduct('MADE-UP', 100, 99);
      const one = { productId, quantity: 1 };
      for (const items of [
        [one, { productId: productId.toUpperCase(), quantity: 2 }],
        [{ productId, quantity: 0 }],
        [{ productId, quantity: -1 }],
        [{ productId, quantity: 100 }],
        [{ productId, quantity: 1e300 }],
        [{ ...one, price: 1 }],
        [],
      ]) {
        const response = await order(items);
        expect([response.status, response.body.type]).toEqual([422, 'urn:bulkhead:problem:invalid-request']);
      }
    });

    it('the catalog cannot be asked', async () => {
      const { productId } = t.shop.addProduct('UNPRICED', 100, 1);
      t.shop.fault = (operation) => (operation === 'quote' ? 'refuse' : undefined);
      const response = await order([{ productId, quantity: 1 }]);
      expect([response.status, response.body.type]).toEqual([503, 'urn:bulkhead:problem:unavailable']);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    });
  });

  it('answers 202 when inventory may or may not have reserved, and confirms once it is heard of again', async () => {
    const { productId } = t.shop.addProduct('UNHEARD', 100, 1);
    t.shop.fault = (operation) => (operation === 'reserve' ? 'act-then-drop' : undefined);
    const response = await t.buy(user, productId);
    expect([response.status, response.body.state]).toEqual([202, 'placed']);
    expect(response.headers.get('location')).toBe(`/api/v1/orders/${response.body.id}`);
    expect(response.headers.get('retry-after')).toBe('1');
    t.shop.fault = () => undefined;
    await becomes(response.body.id, 'confirmed');
    expect(t.shop.taken('UNHEARD')).toBe(1);
  });

  it('answers 202 within its budget while payment is slow, and confirms when payment has answered', async () => {
    const { productId } = t.shop.addProduct('SLOW', 100, 1);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    t.shop.before = (operation) => (operation === 'authorise' ? held : Promise.resolve());
    // The caller would wait for a minute, payment's own deadline is 30 s: what ends the wait is the budget.
    const response = await t.request(user, 'POST', '/api/v1/orders', {
      body: { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' },
      headers: { 'idempotency-key': randomUUID(), 'x-request-deadline': '60000' },
    });
    expect([response.status, response.body.state]).toEqual([202, 'reserved']);
    letGo();
    await becomes(response.body.id, 'confirmed');
    const authorisations = t.shop.calls.filter((call) => call === `authorise ${response.body.id}`);
    expect(authorisations).toHaveLength(1);
  });

  it('answers 202 as soon as the stock is safe for a buyer who prefers not to wait', async () => {
    const { productId } = t.shop.addProduct('PATIENT', 100, 1);
    const response = await t.buy(user, productId, { prefer: 'handling=lenient, respond-async' });
    expect(response.status).toBe(202);
    await becomes(response.body.id, 'confirmed');
    const { productId: none } = t.shop.addProduct('PATIENT-NONE', 100, 0);
    expect((await t.buy(user, none, { prefer: 'respond-async' })).status).toBe(409);
  });

  it('goes on with an order whose buyer has hung up', async () => {
    const { productId } = t.shop.addProduct('HUNG-UP', 100, 1);
    const gone = new AbortController();
    t.shop.before = async (operation) => {
      if (operation === 'authorise') gone.abort();
    };
    const request = fetch(`${t.order.origin}/api/v1/orders`, {
      method: 'POST',
      signal: gone.signal,
      headers: {
        ...(await t.order.as(user)),
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' }),
    });
    await expect(request).rejects.toThrow();
    await eventually(async () => {
      const { body } = await t.request(user, 'GET', '/api/v1/orders?status=confirmed');
      return body.items.length === 1;
    });
  });

  it('shows a buyer the action required by the bank, and continues when payment reports that it is done', async () => {
    const { productId } = t.shop.addProduct('BANK', 100, 1);
    const { status, body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    expect(status).toBe(202);
    expect(body.nextAction).toEqual({ type: 'redirect', url: `https://bank.example/${body.id}` });
    const payment = t.shop.payments.get(body.id);
    if (payment) payment.status = 'authorised';
    await becomes(body.id, 'confirmed');
    expect((await get(body.id)).nextAction).toBeNull();
  });
});

describe('placing orders while a peer is down', () => {
  let t: TestShop;
  const user = randomUUID();
  beforeEach(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: '5000' });
  });
  afterEach(() => t.stop());

  const statusOf = async (orderId: string) =>
    (await t.request(user, 'GET', `/api/v1/orders/${orderId}`)).body.status;

  it('takes orders with 202 once payment is known to fail, without asking it again for a buyer', async () => {
    const { productId } = t.shop.addProduct('DOWN', 100, 1_000);
    t.shop.fault = (operation) => (operation === 'authorise' ? 'refuse' : undefined);
    await eventually(async () => {
      const { body } = await t.buy(user, productId);
      return body.state === 'reserved' && !t.shop.calls.includes(`authorise ${body.id}`);
    });
    const { body } = await t.buy(user, productId);
    expect(body.status).toBe('pending');
    t.shop.fault = () => undefined;
    await eventually(async () => (await statusOf(body.id)) === 'confirmed', { timeoutMs: 15_000 });
  });

  it('refuses orders while inventory is away, and takes them again when it is back', async () => {
    const { productId } = t.shop.addProduct('AWAY', 100, 1_000);
    const first = await t.buy(user, productId);
    expect(first.status).toBe(201);
    await t.stopPeer('inventory');
    const written = async () =>
      (await t.order.database.query<{ n: number }>({ text: 'select count(*) as n from orders' })).rows[0]?.n;
    await eventually(async () => {
      const before = await written();
      const { status, headers } = await t.buy(user, productId);
      return status === 503 && headers.has('retry-after') && (await written()) === before;
    });
    await t.startPeer('inventory');
    await eventually(async () => (await t.buy(user, productId)).status === 201, { timeoutMs: 15_000 });
    await eventually(
      async () => (await t.request(user, 'GET', '/api/v1/orders?status=pending')).body.items.length === 0,
      { timeoutMs: 15_000 },
    );
  });
});
