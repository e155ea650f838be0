import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '@bulkhead/development/free-ports';
import { eventually } from '@bulkhead/testing/eventually';
import { createStripeProvider } from './stripe';
import { createStripeClient } from './stripe-client';
import type { PaymentProvider } from './provider';

/** Run by `npm run test:stripe`, which says where stripe-mock is: it refuses what Stripe's OpenAPI does not have. */
const program = process.env['STRIPE_MOCK'];
const secretKey = () => 'sk_test_123';

let mock: ChildProcess;
let ended: Promise<unknown>;
let url: string;
let provider: PaymentProvider;
beforeAll(async () => {
  if (!program) throw new Error('STRIPE_MOCK does not say where stripe-mock is; run npm run test:stripe');
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  mock = spawn(program, ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' });
  ended = new Promise((resolve) => mock.once('exit', resolve));
  await eventually(() =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  provider = createStripeProvider({
    url,
    secretKey,
    webhookSecrets: () => ['whsec_of_nobody'],
    returnUrl: 'https://shop.example/paid',
  });
}, 60_000);
afterAll(async () => {
  await provider?.close();
  mock?.kill();
  await ended;
});

const signal = new AbortController().signal;
const orderId = '0190a000-0000-7000-8000-000000000001';
const charge = { orderId, reference: 'pi_123', amount: 1_999, currency: 'EUR' };
const authorisation = { ...charge, paymentMethod: 'pm_card_visa', idempotencyKey: `${orderId}:authorise` };

// Its objects are examples, in any state; what counts is that it takes the request and that we can read the response.
test.each<[string, () => Promise<unknown>]>([
  ['create an intent', () => provider.authorise({ ...authorisation, reference: null }, signal)],
  ['confirm it', () => provider.authorise(authorisation, signal)],
  ['capture it', () => provider.capture({ ...charge, idempotencyKey: 'c' }, signal)],
  ['cancel it', () => provider.void({ ...charge, idempotencyKey: 'v' }, signal)],
  [
    'refund it, and read it with its refunds',
    () => provider.refund({ ...charge, refundId: 'r', idempotencyKey: 'r' }, signal),
  ],
  ['read it with its disputes', () => provider.lookup({ ...charge, withDisputes: true }, signal)],
  ['search for it', () => provider.lookup({ orderId, reference: null }, signal)],
])('Stripe takes the request to %s', async (_what, ask) => {
  expect(await ask()).toMatchObject({ reference: expect.any(String), refunds: expect.any(Array) });
});

test('Stripe takes the list of an intent’s refunds, and refuses what is not in its API', async () => {
  const client = createStripeClient({ url, secretKey });
  const refunds = await client.call(signal, (api) =>
    api.refunds.list({ payment_intent: 'pi_123', limit: 100 }),
  );
  expect(refunds.data[0]).toMatchObject({ object: 'refund', status: expect.any(String) });
  const invented = { payment_intent: 'pi_123', invented: '1' };
  await expect(client.call(signal, (api) => api.refunds.create(invented))).rejects.toMatchObject({
    statusCode: 400,
  });
  await client.close();
});
