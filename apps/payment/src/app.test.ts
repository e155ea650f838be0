import { ConfigError, loadConfig } from '@bulkhead/service/config';
import { eventually } from '@bulkhead/testing/eventually';
import { createProvider, PaymentConfig } from './config';
import { paymentDatabase } from './database';
import { erasureSweepJob } from './events/erasure';
import { newId, type PaymentWorld, startPaymentWorld, userId, webhookSecret } from './testing/payment-world';

const configured = (environment: Record<string, string>) =>
  loadConfig(PaymentConfig, { PAYMENT_WEBHOOK_SECRET: webhookSecret, ...environment });

const strongSecret = 'kJ8#vQ2!mZ7@xR4$nB9%wT1^cL6&yH3*';

test.each([
  ['a short one', 'kJ8#vQ2!mZ7@xR4$'],
  ['a repetition', 'ab'.repeat(20)],
])('a webhook secret that can be guessed is refused in production: %s', (_name, PAYMENT_WEBHOOK_SECRET) => {
  const config = configured({ PAYMENT_PROVIDER_URL: 'http://127.0.0.1:8090', PAYMENT_WEBHOOK_SECRET });
  expect(() => createProvider({ ...config, PAYMENT_ALLOW_SIMULATED: true }, 'production')).toThrow(
    /^PAYMENT_WEBHOOK_SECRET .*NODE_ENV=production/,
  );
});

test('the simulated provider is refused in production, unless it is allowed there', async () => {
  const config = configured({
    PAYMENT_PROVIDER_URL: 'http://127.0.0.1:8090',
    PAYMENT_WEBHOOK_SECRET: strongSecret,
  });
  expect(() => createProvider(config, 'production')).toThrow('PAYMENT_ALLOW_SIMULATED=on');
  const allowed = { ...config, PAYMENT_ALLOW_SIMULATED: true };
  const provider = createProvider(allowed, 'production');
  expect(provider.name).toBe('simulated');
  await provider.close();
});

test.each([
  [{ PAYMENT_PROVIDER: 'stripe' }, 'STRIPE_SECRET_KEY'],
  [{ PAYMENT_PROVIDER: 'stripe', STRIPE_SECRET_KEY: 'sk_test_0123456789' }, 'PAYMENT_RETURN_URL'],
  [{ PAYMENT_PROVIDER: 'paypal' }, 'PAYMENT_PROVIDER'],
  [{}, 'PAYMENT_PROVIDER_URL'],
  [{ PAYMENT_WEBHOOK_SECRET: 'short' }, 'PAYMENT_WEBHOOK_SECRET'],
  [{ PAYMENT_PROVIDER_TIMEOUT_MS: '31000' }, 'PAYMENT_PROVIDER_TIMEOUT_MS'],
])('the configuration %j is refused with the name of its variable', (environment, variable) => {
  const start = () => createProvider(configured(environment), 'development');
  expect(start).toThrow(ConfigError);
  expect(start).toThrow(variable);
});

describe('payment and the people who pay', () => {
  let world: PaymentWorld;
  beforeAll(async () => {
    world = await startPaymentWorld();
  }, 60_000);
  afterAll(() => world?.stop());

  const sql = async (text: string, ...values: unknown[]) =>
    (await world.service.database.query({ text, values })).rows;
  const exported = async (id: string) => {
    const response = await fetch(`${world.service.origin}/internal/users/${id}/export`, {
      headers: await world.service.asService('profile'),
    });
    return ((await response.json()) as { items: object[] }).items;
  };

  test('exports a person’s payments, and after their erasure keeps the amounts and forgets whose they were', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    await world.order('POST', `${orderId}/capture`);
    expect(await exported(userId)).toMatchObject([
      { orderId, status: 'captured', amount: { amount: 4_200 } },
    ]);

    const erasureId = newId();
    await world.requestErasure(userId, erasureId);
    await eventually(async () => (await exported(userId)).length === 0);
    const responses = await world.service.database.query<{ data: object }>({
      text: `select payload -> 'data' as data from outbox where type = 'payment.user-erased.v1'`,
    });
    expect(responses.rows).toEqual([{ data: { userId, erasureId } }]);
    expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -4_200, transactions: 1 });
    expect((await world.order('POST', `${orderId}/refund`)).body.status).toBe('refunded');
  });

  test('an erasure that profile knows nothing of erases nothing', async () => {
    const [orderId, person] = [newId(), newId()];
    const amount = { amount: 4_200, currency: 'EUR' };
    await world.order('PUT', orderId, { userId: person, amount, paymentMethod: 'pm_ok' });
    await world.sendErasure(person, newId());
    await eventually(async () => {
      const { rows } = await world.service.database.query<{ reason: string }>({
        text: `select reason from dead_letter where consumer_group = 'payment.erasure'`,
      });
      expect(rows).toEqual([{ reason: expect.stringMatching(/^not-requested: /) }]);
    });
    expect(await exported(person)).toMatchObject([{ orderId }]);
  });

  test('an authorisation that comes after the erasure of its buyer is nobody’s, and can be voided', async () => {
    const buyer = newId();
    const orderId = newId();
    await world.requestErasure(buyer, newId());
    await eventually(
      async () => (await sql('select from erased_user where user_id = $1', buyer)).length === 1,
    );
    const body = { userId: buyer, amount: { amount: 4_200, currency: 'EUR' }, paymentMethod: 'pm_ok' };
    expect((await world.order('PUT', orderId, body)).body.status).toBe('authorised');
    expect((await world.order('PUT', orderId, body)).status).toBe(200);
    expect(await sql('select user_id from payments where order_id = $1', orderId)).toEqual([
      { user_id: null },
    ]);
    expect((await world.order('POST', `${orderId}/void`)).body.status).toBe('voided');
  });

  test('a payment that was written at the moment of the erasure is forgotten a little later', async () => {
    const buyer = newId();
    const orderId = newId();
    const body = { userId: buyer, amount: { amount: 4_200, currency: 'EUR' }, paymentMethod: 'pm_ok' };
    await world.order('PUT', orderId, body);
    const kept = async () => (await sql('select from payments where user_id = $1', buyer)).length;
    await erasureSweepJob(paymentDatabase(world.service.database)).run(new AbortController().signal);
    expect(await kept()).toBe(1);
    // As if neither transaction had seen the other.
    await sql('insert into erased_user (user_id) values ($1)', buyer);
    await erasureSweepJob(paymentDatabase(world.service.database)).run(new AbortController().signal);
    expect(await kept()).toBe(0);
  });

  test('does not keep the means of payment once the provider has answered', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    const { rows } = await world.service.database.query({
      text: 'select payment_method from payments where order_id = $1',
      values: [orderId],
    });
    expect(rows).toEqual([{ payment_method: null }]);
  });
});
