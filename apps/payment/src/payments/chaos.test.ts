import { startTestService, type TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { paymentService } from '../app';
import { newId, type PaymentWorld, startPaymentWorld, userId, webhookSecret } from '../testing/payment-world';

describe('two replicas of payment and a provider that does everything wrong', () => {
  let world: PaymentWorld;
  let replica: TestService;
  beforeAll(async () => {
    world = await startPaymentWorld({ PAYMENT_PROVIDER_TIMEOUT_MS: '150' });
    replica = await startTestService(paymentService, {
      network: world.service.network,
      database: world.service.testDatabase!,
      config: {
        PAYMENT_PROVIDER_URL: world.provider.url,
        PAYMENT_WEBHOOK_SECRET: webhookSecret,
        PAYMENT_PROVIDER_TIMEOUT_MS: '150',
      },
    });
  }, 60_000);
  afterAll(async () => {
    await replica?.stop();
    await world?.stop();
  });

  /** Asks one replica or the other, as order does; what it answers is of no interest here. */
  async function ask(method: string, path: string, body?: object): Promise<void> {
    const { origin } = Math.random() < 0.5 ? world.service : replica;
    const response = await fetch(`${origin}/internal/payments/${path}`, {
      method,
      headers: {
        ...(await world.service.asService('order')),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect([200, 404, 409, 503]).toContain(response.status);
    await response.arrayBuffer();
  }

  /** An order that is paid, and perhaps cancelled, with every request made twice and at once. */
  async function buy(orderId: string, amount: number): Promise<void> {
    const authorisation = { userId, amount: { amount, currency: 'EUR' }, paymentMethod: 'pm_ok' };
    await Promise.all([ask('PUT', orderId, authorisation), ask('PUT', orderId, authorisation)]);
    await Promise.all([
      ask('POST', `${orderId}/capture`),
      ask('POST', `${orderId}/capture`),
      ...(amount % 2 ? [ask('POST', `${orderId}/void`)] : []),
    ]);
    if (amount % 3 === 0)
      await Promise.all([ask('POST', `${orderId}/refund`), ask('POST', `${orderId}/refund`)]);
  }

  test('agree in the end, order by order, on what was taken and given back, and the ledger sums to 0', async () => {
    world.provider.control({
      latency: { minMs: 0, maxMs: 40 },
      declineShare: 0.1,
      errorShare: 0.2,
      timeoutShare: 0.2,
      webhooks: { delayMs: 20, duplicate: true, outOfOrder: true },
    });
    const orders = Array.from({ length: 60 }, (_, n) => ({ orderId: newId(), amount: 1_000 + n }));
    for (let begun = 0; begun < orders.length; begun += 10)
      await Promise.all(orders.slice(begun, begun + 10).map(({ orderId, amount }) => buy(orderId, amount)));

    world.provider.control({ webhooks: { delayMs: 0, duplicate: true } });
    const { database } = world.service;
    await eventually(
      async () => {
        await world.hurry();
        const { rows } = await database.query<{ count: number }>({
          text: `select count(*)::int as count from payments
            where status in ('authorising', 'unknown', 'capturing', 'voiding', 'refunding')`,
        });
        return rows[0]?.count === 0;
      },
      { timeoutMs: 60_000, everyMs: 200, what: 'the rest of all payments' },
    );

    const { rows } = await database.query<
      Record<'captured' | 'refunded' | 'sold' | 'events', number> & { orderId: string; status: string }
    >({
      text: `select order_id as "orderId", status, captured, refunded,
          coalesce((select -sum(e.amount) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
            where t.payment_id = p.id and e.account = 'sales'), 0)::int as sold,
          (select count(*)::int from outbox where subject = p.id::text and type = 'payment.captured.v1') as events
        from payments p`,
    });
    expect(rows).toHaveLength(orders.length);
    for (const payment of rows) {
      const charges = world.chargesOf(payment.orderId);
      expect(charges.length).toBeLessThanOrEqual(1);
      const [charge] = charges;
      expect(payment).toMatchObject({ captured: charge?.captured ?? 0, refunded: charge?.refunded ?? 0 });
      expect(payment.sold).toBe(payment.captured - payment.refunded);
      expect(payment.events).toBe(payment.captured > 0 ? 1 : 0);
      if (payment.status === 'voided' || payment.status === 'declined')
        expect(['voided', 'declined', undefined]).toContain(charge?.status);
    }
    expect(new Set(rows.map(({ status }) => status)).size).toBeGreaterThan(2);
    expect((await world.ledger()).sum).toBe(0);
  }, 120_000);

  test('ask the provider for a payment one after the other, also when a holder of the lease was only slow', async () => {
    world.provider.control({ webhooks: { enabled: false } });
    const orderId = newId();
    // Its outcome is unknown at first where the machine is slower than the time limit, or a breaker is still open.
    await eventually(
      async () => {
        await world.hurry();
        return (await world.authorise(orderId)).body.status === 'authorised';
      },
      { timeoutMs: 30_000, everyMs: 200, what: 'an authorisation' },
    );
    // Long enough to be seen at work on a busy machine.
    world.provider.control({ latency: { ms: 2_000 }, webhooks: { enabled: false } });
    const capturing = ask('POST', `${orderId}/capture`);
    await eventually(async () => (await world.order('GET', orderId)).body.status === 'capturing');
    // The lease runs out while its holder is still at it, and the other takes over.
    await world.service.database.query({
      text: `update payments set leased_until = now() - interval '1 s', due_at = now() where order_id = $1`,
      values: [orderId],
    });
    await Promise.all([capturing, ask('POST', `${orderId}/capture`)]);
    await eventually(
      async () => {
        await world.hurry();
        return (await world.order('GET', orderId)).body.status === 'captured';
      },
      { timeoutMs: 30_000 },
    );
    expect(world.chargesOf(orderId)).toMatchObject([{ captured: 4_200, status: 'captured' }]);
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -4_200, transactions: 1 });
    expect((await world.eventsOf(orderId)).filter((type) => type === 'payment.captured.v1')).toHaveLength(1);
  }, 60_000);
});
