import { eventually } from '@bulkhead/testing/eventually';
import { newId, type PaymentWorld, startPaymentWorld } from '../testing/payment-world';

describe('a payment whose provider does not answer', () => {
  let world: PaymentWorld;
  beforeAll(async () => {
    world = await startPaymentWorld({ PAYMENT_PROVIDER_TIMEOUT_MS: '200' });
  }, 60_000);
  afterAll(() => world?.stop());
  afterEach(() => world.provider.control({ webhooks: { enabled: false } }));

  const settled = (orderId: string, ...statuses: string[]) =>
    eventually(
      async () => {
        await world.hurry();
        const { body } = await world.order('GET', orderId);
        return statuses.includes(body.status) && body;
      },
      { what: statuses.join(' or '), timeoutMs: 15_000 },
    );

  test('is unknown, not guessed, and then found at the provider: one charge', async () => {
    const orderId = newId();
    expect(await world.authorise(orderId, 'pm_timeout')).toMatchObject({
      status: 200,
      body: { status: 'unknown' },
    });
    expect(await world.eventsOf(orderId)).toEqual([]);
    await settled(orderId, 'authorised');
    expect(world.chargesOf(orderId)).toHaveLength(1);
    const { rows } = await world.service.database.query<{ outcome: string }>({
      text: `select outcome from provider_attempts a join payments p on p.id = a.payment_id where order_id = $1`,
      values: [orderId],
    });
    expect(rows).toEqual([{ outcome: 'unknown' }]);
  });

  test('is authorised all the same when the provider failed once without any effect', async () => {
    const orderId = newId();
    expect((await world.authorise(orderId, 'pm_error_once')).body.status).toBe('unknown');
    await settled(orderId, 'authorised');
    expect(world.chargesOf(orderId)).toHaveLength(1);
  });

  test('is authorised when a slow provider answers too late', async () => {
    const orderId = newId();
    world.provider.control({ slowMs: 600, webhooks: { enabled: false } });
    expect((await world.authorise(orderId, 'pm_slow')).body.status).toBe('unknown');
    await settled(orderId, 'authorised');
    expect(world.chargesOf(orderId)).toHaveLength(1);
  });

  test('is captured once when the answer to the capture is lost', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    world.provider.control({ timeoutShare: 1, webhooks: { enabled: false } });
    expect((await world.order('POST', `${orderId}/capture`)).body.status).toBe('capturing');
    expect(await world.order('POST', `${orderId}/void`)).toMatchObject({
      status: 409,
      body: { paymentStatus: 'capturing' },
    });
    world.provider.control({ webhooks: { enabled: false } });
    await settled(orderId, 'captured');
    expect(world.chargesOf(orderId)).toMatchObject([{ captured: 4_200 }]);
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -4_200, transactions: 1 });
    expect(await world.eventsOf(orderId)).toEqual(['payment.authorised.v1', 'payment.captured.v1']);
  });

  test('is given back once when the answer to the refund is lost', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    await world.order('POST', `${orderId}/capture`);
    world.provider.control({ timeoutShare: 1, webhooks: { enabled: false } });
    expect((await world.order('POST', `${orderId}/refund`)).body.status).toBe('refunding');
    world.provider.control({ webhooks: { enabled: false } });
    await settled(orderId, 'refunded');
    expect(world.chargesOf(orderId)).toMatchObject([{ captured: 4_200, refunded: 4_200 }]);
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: 0, transactions: 2 });
  });

  test.each(['pm_timeout', 'pm_error_once', 'pm_ok', 'pm_declined'])(
    'holds nothing in the end when it is voided while the authorisation with %s is out',
    async (paymentMethod) => {
      const orderId = newId();
      world.provider.control({ latency: { ms: 100 }, webhooks: { enabled: false } });
      const authorising = world.authorise(orderId, paymentMethod);
      await eventually(async () => (await world.order('GET', orderId)).status === 200);
      await world.order('POST', `${orderId}/void`);
      await authorising;
      world.provider.control({ webhooks: { enabled: false } });
      await settled(orderId, 'voided', 'declined');
      expect(world.chargesOf(orderId).filter(({ status }) => status === 'authorised')).toEqual([]);
      expect(world.chargesOf(orderId).length).toBeLessThanOrEqual(1);
    },
  );

  test('is left to a person after 24 hours, and goes on when it is asked for again', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    world.provider.control({ errorShare: 1, webhooks: { enabled: false } });
    expect((await world.order('POST', `${orderId}/capture`)).body.status).toBe('capturing');
    await world.service.database.query({
      text: `update payments set waiting_since = now() - interval '25 hours', due_at = now() where order_id = $1`,
      values: [orderId],
    });
    const needsAttention = async () => {
      const { rows } = await world.service.database.query<{ due: boolean; needs: boolean }>({
        text: `select due_at is not null as due, needs_attention_at is not null as needs from payments where order_id = $1`,
        values: [orderId],
      });
      return rows[0];
    };
    await eventually(async () => (await needsAttention())?.needs === true);
    expect(await needsAttention()).toEqual({ due: false, needs: true });

    world.provider.control({ webhooks: { enabled: false } });
    await eventually(
      async () => (await world.order('POST', `${orderId}/capture`)).body.status === 'captured',
    );
    expect((await needsAttention())?.needs).toBe(false);
  });

  test('is not sent at all to a provider that keeps failing, and goes on when it is back', async () => {
    world.provider.control({ errorShare: 1, webhooks: { enabled: false } });
    const orders = Array.from({ length: 30 }, newId);
    await Promise.all(orders.map((orderId) => world.authorise(orderId)));
    const orderId = newId();
    expect((await world.authorise(orderId)).body.status).toBe('authorising');
    const attempts = await world.service.database.query<{ outcome: string }>({
      text: `select outcome from provider_attempts a join payments p on p.id = a.payment_id where order_id = $1`,
      values: [orderId],
    });
    expect(attempts.rows).toEqual([{ outcome: 'not-sent' }]);
    world.provider.control({ webhooks: { enabled: false } });
    for (const id of [orderId, ...orders]) await settled(id, 'authorised');
    expect(world.provider.charges().filter((charge) => orders.includes(charge.orderId))).toHaveLength(30);
  }, 40_000);
});
