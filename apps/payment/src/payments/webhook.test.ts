import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@bulkhead/service/config';
import { eventually } from '@bulkhead/testing/eventually';
import { PaymentConfig } from '../config';
import { createSimulatedProvider, type SimulatedCharge, type SimulatedRefund } from '../providers/simulated';
import { signWebhook } from '../providers/webhook-signature';
import { newId, type PaymentWorld, startPaymentWorld, webhookSecret } from '../testing/payment-world';

describe('webhooks of the provider', () => {
  let world: PaymentWorld;
  beforeAll(async () => {
    world = await startPaymentWorld({ PAYMENT_PROVIDER_TIMEOUT_MS: '300' });
  }, 60_000);
  afterAll(() => world?.stop());
  afterEach(() => world.provider.control({ webhooks: { enabled: false } }));

  async function send(
    body: string,
    { signature = signWebhook(body, webhookSecret, Date.now()), provider = 'simulated' } = {},
  ) {
    return fetch(`${world.service.origin}/api/v1/payments/webhooks/${provider}`, {
      method: 'POST',
      headers: {
        ...(await world.service.anonymous()),
        'content-type': 'application/json',
        'webhook-signature': signature,
      },
      body,
    });
  }
  const event = (
    charge: SimulatedCharge,
    changes: Partial<SimulatedCharge> = {},
    id = `evt_${randomUUID()}`,
  ) => JSON.stringify({ id, charge: { ...charge, ...changes } });
  const refundOf = (amount: number, changes: Partial<SimulatedRefund> = {}): SimulatedRefund => ({
    id: `re_${randomUUID()}`,
    refundId: null,
    amount,
    status: 'succeeded',
    failure: null,
    ...changes,
  });
  const statusOf = async (orderId: string) => (await world.order('GET', orderId)).body.status;
  const seen = async () => {
    const { rows } = await world.service.database.query<{ count: number }>({
      text: 'select count(*)::int as count from webhook_events',
    });
    return rows[0]?.count;
  };

  test('replace the provider’s lost response', async () => {
    const orderId = newId();
    world.provider.control({ webhooks: { delayMs: 600, duplicate: true } });
    expect((await world.authorise(orderId, 'pm_timeout')).body.status).toBe('unknown');
    await eventually(async () => (await statusOf(orderId)) === 'authorised');
    expect(await world.eventsOf(orderId)).toEqual(['payment.authorised.v1']);
  });

  test('that come before our own answer is recorded change nothing about how often the money moves', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    const [charge] = world.chargesOf(orderId);
    world.provider.control({ latency: { ms: 200 }, webhooks: { enabled: false } });
    const capturing = world.order('POST', `${orderId}/capture`);
    await eventually(async () => (await statusOf(orderId)) === 'capturing');
    expect((await send(event(charge!, { status: 'captured', captured: 4_200 }))).status).toBe(200);
    expect(await statusOf(orderId)).toBe('captured');
    expect((await capturing).body.status).toBe('captured');
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -4_200, transactions: 1 });
    expect(await world.eventsOf(orderId)).toEqual(['payment.authorised.v1', 'payment.captured.v1']);
  });

  test('count once, however often and in whatever order they come', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    const [held] = world.chargesOf(orderId);
    await world.order('POST', `${orderId}/capture`);
    await world.order('POST', `${orderId}/refund`);
    const before = await world.order('GET', orderId);
    const captured = { status: 'captured', captured: 4_200 } as const;
    const late = [event(world.chargesOf(orderId)[0]!), event(held!), event(held!, captured)];
    for (const body of [...late, ...late.reverse()]) expect((await send(body)).status).toBe(200);
    expect((await world.order('GET', orderId)).body).toEqual(before.body);
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: 0, transactions: 2 });
    expect(await world.eventsOf(orderId)).toHaveLength(5);
  });

  test('do not bring back what was voided', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    const [held] = world.chargesOf(orderId);
    await world.order('POST', `${orderId}/void`);
    await send(event(held!));
    expect(await statusOf(orderId)).toBe('voided');
  });

  test('of a hold that nobody knew of after a void let it go', async () => {
    const orderId = newId();
    await world.order('POST', `${orderId}/void`);
    const charge = await fetch(`${world.provider.url}/charges`, {
      method: 'POST',
      headers: { 'idempotency-key': randomUUID() },
      body: JSON.stringify({ orderId, amount: 100, currency: 'EUR', paymentMethod: 'pm_ok' }),
    });
    await send(event((await charge.json()) as SimulatedCharge));
    await eventually(async () => world.chargesOf(orderId)[0]?.status === 'voided');
    await eventually(async () => (await statusOf(orderId)) === 'voided');
  });

  test('of money that was given back at the provider itself are written into the ledger', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    await world.order('POST', `${orderId}/capture`);
    const [charge] = world.chargesOf(orderId);
    await send(event(charge!, { refunded: 1_200, refunds: [refundOf(1_200)] }));
    expect((await world.order('GET', orderId)).body).toMatchObject({
      status: 'partially_refunded',
      refunded: { amount: 1_200 },
    });
    expect((await world.ledger(orderId)).sales).toBe(-3_000);
  });

  test('are refused when the signature is missing, wrong, of another body, too old or from the future', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    const body = event(world.chargesOf(orderId)[0]!, { status: 'captured', captured: 4_200 });
    const count = await seen();
    const minutes = (n: number) => signWebhook(body, webhookSecret, Date.now() + n * 60_000);
    for (const signature of [
      '',
      't=1,v1=',
      'v1=00',
      `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`,
      signWebhook(`${body} `, webhookSecret, Date.now()),
      signWebhook(body, 'another secret of payment', Date.now()),
      minutes(-6),
      minutes(6),
    ]) {
      const response = await send(body, { signature });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ type: 'urn:bulkhead:problem:malformed-request' });
    }
    expect((await send(body, { signature: minutes(-4) })).status).toBe(200);
    expect(await statusOf(orderId)).toBe('captured');
    expect(await seen()).toBe(count! + 1);
  });

  test('are taken with each secret that its file names, as it is rolled', async () => {
    const secrets = ['the old secret of webhooks', 'the new secret of webhooks'] as const;
    const [old, young] = secrets;
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'bulkhead-webhook-')), 'secret');
    await writeFile(file, old);
    const { PAYMENT_WEBHOOK_SECRET: rolled } = loadConfig(PaymentConfig, {
      PAYMENT_WEBHOOK_SECRET_FILE: file,
    });
    const provider = createSimulatedProvider({
      url: world.provider.url,
      webhookSecrets: () => rolled.values,
    });
    const accepts = (signature: string) => {
      const body = Buffer.from('{}');
      try {
        return provider.readWebhook({ body, signature, receivedAt: Date.now() }) === undefined;
      } catch {
        return false;
      }
    };
    const sign = (...by: string[]) => signWebhook('{}', by, Date.now());
    try {
      expect([old, young].map((secret) => accepts(sign(secret)))).toEqual([true, false]);
      expect(accepts(sign(young, old))).toBe(true);
      await writeFile(file, `${young}\n${old}\n`);
      expect([old, young].map((secret) => accepts(sign(secret)))).toEqual([true, true]);
      await writeFile(file, young);
      expect([old, young].map((secret) => accepts(sign(secret)))).toEqual([false, true]);
    } finally {
      await provider.close();
      await rm(path.dirname(file), { recursive: true });
    }
  });

  test('of an unknown provider are not found, and what is not JSON is malformed', async () => {
    expect((await send('{}', { provider: 'stripe' })).status).toBe(404);
    expect((await send('no json')).status).toBe(400);
    expect((await send('{"something":"else"}')).status).toBe(200);
    const stranger = {
      orderId: newId(),
      id: 'ch_1',
      amount: 1,
      currency: 'EUR',
      reason: null,
      actionUrl: null,
    };
    const charge = { ...stranger, status: 'authorised' as const, captured: 0, refunded: 0, refunds: [] };
    expect((await send(event(charge))).status).toBe(200);
  });
});

describe('a provider that acts, sends a webhook, and never responds', () => {
  let world: PaymentWorld;
  beforeAll(async () => {
    // Whoever waited for the provider itself would wait longer than the test may take.
    world = await startPaymentWorld({ PAYMENT_PROVIDER_TIMEOUT_MS: '20000' });
    world.provider.control({ timeoutShare: 1, webhooks: { delayMs: 50 } });
  }, 60_000);
  afterAll(() => world?.stop());

  test.each([
    ['pm_ok', 'authorised'],
    ['pm_requires_action', 'requires_action'],
    ['pm_declined', 'declined'],
  ])('keeps nobody waiting who pays with %s', async (paymentMethod, status) => {
    const orderId = newId();
    expect((await world.authorise(orderId, paymentMethod)).body.status).toBe(status);
    expect(await world.eventsOf(orderId)).toEqual([
      `payment.${status.replace('_', '-').replace('requires-action', 'action-required')}.v1`,
    ]);
  });

  test('keeps nobody waiting who takes the money, gives it back, or lets it go', async () => {
    const [taken, letGo] = [newId(), newId()];
    await world.authorise(taken);
    await world.authorise(letGo);
    expect((await world.order('POST', `${taken}/capture`)).body.status).toBe('captured');
    expect((await world.order('POST', `${taken}/refund`)).body.status).toBe('refunded');
    expect((await world.order('POST', `${letGo}/void`)).body.status).toBe('voided');
  });
});
