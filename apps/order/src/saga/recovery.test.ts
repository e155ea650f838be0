import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

describe('an order that nobody works on any more', () => {
  let t: TestShop;
  const user = randomUUID();
  beforeEach(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: '5000', ORDER_PENDING_EXPIRY_SECONDS: '3600' });
  });
  afterEach(() => t.stop());

  const sql = async (text: string, ...values: unknown[]) =>
    (await t.order.database.query({ text, values })).rows;
  const get = async (orderId: string) => (await t.request(user, 'GET', `/api/v1/orders/${orderId}`)).body;

  it('is seen through by any replica, charged once', async () => {
    const { productId } = t.shop.addProduct('MOVED', 100, 1);
    const replica = await t.startReplica();
    t.shop.fault = (operation) => (operation === 'authorise' ? 'refuse' : undefined);
    const { body } = await t.buy(user, productId, {}, replica);
    expect(body.state).toBe('reserved');
    t.shop.fault = () => undefined;
    await eventually(async () => (await get(body.id)).status === 'confirmed');
    expect(t.shop.calls.filter((call) => call === `capture ${body.id}`)).toHaveLength(1);
  });

  it('is not touched while its lease is good, and taken over when it has run out', async () => {
    const { productId } = t.shop.addProduct('LEASED', 100, 3);
    const order = async () => (await t.buy(user, productId, { paymentMethod: 'pm_requires_action' })).body.id;
    const due = (orderId: string, from: string) =>
      sql(
        'update orders set lease_owner = $2, due_at = now() + $3::interval where id = $1',
        orderId,
        randomUUID(),
        from,
      );
    const confirmPayment = (orderId: string) => {
      const payment = t.shop.payments.get(orderId);
      if (payment) payment.status = 'authorised';
    };
    /** An order that is overdue is finished: recovery has looked at all there were. */
    const recoveryHasLooked = async () => {
      const overdue = await order();
      confirmPayment(overdue);
      await due(overdue, '0 s');
      await eventually(async () => (await get(overdue)).status === 'confirmed');
    };

    const leased = await order();
    await due(leased, '1 hour');
    // Whoever held it before has ended by then.
    await recoveryHasLooked();
    confirmPayment(leased);
    const calls = t.shop.calls.length;
    await recoveryHasLooked();
    expect(t.shop.calls.slice(calls).filter((call) => call.endsWith(leased))).toEqual([]);
    await due(leased, '0 s');
    await eventually(async () => (await get(leased)).status === 'confirmed');
  });

  it.each(['authorising', 'unknown'] as const)(
    'whose payment is %s is neither rejected nor confirmed, and goes on once more is known',
    async (status) => {
      const { productId } = t.shop.addProduct(status.toUpperCase(), 100, 1);
      const amount = { amount: 100, currency: 'EUR' };
      t.shop.before = async (operation, orderId) => {
        if (operation !== 'authorise' || t.shop.payments.has(orderId)) return;
        const payment = { paymentId: randomUUID(), status, amount, captured: 0, refunded: 0, version: 1 };
        t.shop.payments.set(orderId, payment);
      };
      const response = await t.buy(user, productId);
      expect([response.status, response.body.state]).toEqual([202, 'reserved']);
      expect(t.shop.taken(status.toUpperCase())).toBe(1);
      const payment = t.shop.payments.get(response.body.id);
      if (payment) payment.status = 'authorised';
      await eventually(async () => (await get(response.body.id)).status === 'confirmed');
    },
  );

  it('that was pending for too long expires, notifies once, and holds nothing', async () => {
    const { productId } = t.shop.addProduct('EXPIRED', 100, 1);
    const { body } = await t.buy(user, productId, { paymentMethod: 'pm_requires_action' });
    await t.startReplica();
    await sql('update orders set expires_at = now() where id = $1', body.id);
    await eventually(async () => (await get(body.id)).status === 'expired');
    expect(t.shop.payments.get(body.id)?.status).toBe('voided');
    expect(t.shop.taken('EXPIRED')).toBe(0);
    const told = await sql("select from outbox where subject = $1 and type = 'order.expired.v1'", body.id);
    expect(told).toHaveLength(1);
    expect((await get(body.id)).reason).toBe('too-long-pending');
  });

  it('and gets nowhere for a day needs a person, and shows in the metrics', async () => {
    const { productId } = t.shop.addProduct('OVERDUE', 100, 1);
    const { body } = await t.buy(user, productId);
    t.shop.fault = (operation) => (operation === 'refund' ? 'refuse' : undefined);
    await t.request(user, 'POST', `/api/v1/orders/${body.id}/cancel`);
    expect((await get(body.id)).state).toBe('refunding');
    expect(await t.metrics()).toMatch(/order_sagas\{[^}]*state="refunding"[^}]*\} 1/);
    await sql("update orders set changed_at = now() - interval '25 hours' where id = $1", body.id);
    await eventually(async () => (await get(body.id)).state === 'needs_attention');
    expect(await sql("select from outbox where type = 'order.needs-attention.v1'")).toHaveLength(1);
    expect(await t.metrics()).toMatch(/order_sagas\{[^}]*state="needs_attention"[^}]*\} 1/);
  });

  it('among many after an outage is finished with all the others', async () => {
    const { productId } = t.shop.addProduct('BACKLOG', 100, 1_000);
    t.shop.fault = (operation) => (operation === 'authorise' ? 'refuse' : undefined);
    const responses = await Promise.all(Array.from({ length: 40 }, () => t.buy(randomUUID(), productId)));
    expect(responses.every(({ status }) => status === 202)).toBe(true);
    let most = 0;
    let now = 0;
    t.shop.before = async (operation) => {
      if (operation === 'authorise') most = Math.max(most, ++now);
    };
    t.shop.after = async (operation) => {
      if (operation === 'authorise') now -= 1;
    };
    t.shop.fault = () => undefined;
    await eventually(async () => (await sql("select from orders where state <> 'confirmed'")).length === 0, {
      timeoutMs: 18_000,
    });
    expect(most).toBeLessThanOrEqual(16);
    expect(t.shop.taken('BACKLOG')).toBe(40);
  });

  it('while payment is known to be failing waits without using up attempts', async () => {
    const { productId } = t.shop.addProduct('UNTRIED', 100, 1_000);
    t.shop.fault = (operation) => (operation === 'authorise' ? 'refuse' : undefined);
    const asked = (orderId: string) => t.shop.calls.includes(`authorise ${orderId}`);
    const untried = await eventually(async () => {
      const { body } = await t.buy(user, productId);
      return body.state === 'reserved' && !asked(body.id) && body.id;
    });
    await eventually(
      async () =>
        (await sql('select from orders where id = $1 and lease_owner is null', untried)).length === 1,
    );
    const [row] = await sql('select attempt from orders where id = $1', untried);
    expect(row).toEqual({ attempt: asked(untried) ? 1 : 0 });
  });
});

describe('stopping the service', () => {
  it('does not wait for a payment that does not answer, and the order goes on elsewhere', async () => {
    const t = await startTestShop({ ORDER_BUDGET_MS: '2500', ORDER_AUTHORISE_TIMEOUT_MS: '1000' });
    const replica = await t.startReplica({ ORDER_RECOVERY_EVERY_MS: '60000' });
    try {
      const { productId } = t.shop.addProduct('STOPPED', 100, 1);
      const user = randomUUID();
      let letGo: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      t.shop.before = (operation) => (operation === 'authorise' ? held : Promise.resolve());
      const { body } = await t.buy(user, productId, {}, replica);
      expect(body.state).toBe('reserved');
      await replica.stop();
      letGo();
      await eventually(
        async () => (await t.request(user, 'GET', `/api/v1/orders/${body.id}`)).body.status === 'confirmed',
      );
    } finally {
      await t.stop();
    }
  });
});
