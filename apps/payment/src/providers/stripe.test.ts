import { StripeServer, stripeKey } from '../testing/stripe-server';
import { createStripeProvider } from './stripe';
import { ProviderRefused, ProviderUnavailable } from './provider';

describe('Stripe', () => {
  const server = new StripeServer();
  const signal = new AbortController().signal;
  let provider: ReturnType<typeof createStripeProvider>;
  beforeAll(async () => {
    provider = createStripeProvider({
      url: await server.start(),
      secretKey: stripeKey,
      returnUrl: 'https://shop.example/paid',
    });
  });
  afterAll(async () => {
    await provider.close();
    await server.stop();
  });

  let orders = 0;
  const newOrder = () => `0190a000-0000-7000-8000-${String(++orders).padStart(12, '0')}`;
  const authorise = (orderId: string, paymentMethod = 'pm_card_visa', key = `${orderId}:authorise`) =>
    provider.authorise(
      { orderId, amount: 1_999, currency: 'EUR', paymentMethod, idempotencyKey: key },
      signal,
    );

  test('holds the money of an order with a PaymentIntent that is captured by hand', async () => {
    const orderId = newOrder();
    const charge = await authorise(orderId);
    expect(charge).toMatchObject({ status: 'authorised', captured: 0, refunded: 0 });
    const { form, key } = server.requests.at(-1)!;
    expect(key).toBe(`${orderId}:authorise`);
    expect(Object.fromEntries(form)).toMatchObject({
      amount: '1999',
      currency: 'eur',
      capture_method: 'manual',
      confirm: 'true',
      'metadata[order_id]': orderId,
      return_url: 'https://shop.example/paid',
    });
    expect(await authorise(orderId)).toEqual(charge);
    expect(server.intents.size).toBe(1);
  });

  test('takes it, gives back a part, and tells of both when looked up', async () => {
    const orderId = newOrder();
    const { reference } = await authorise(orderId);
    const about = { orderId, reference, amount: 1_999 };
    expect(await provider.capture({ ...about, idempotencyKey: `${orderId}:capture` }, signal)).toMatchObject({
      status: 'captured',
      captured: 1_999,
    });
    const refund = { ...about, amount: 500, refundId: 'r', idempotencyKey: `${orderId}:refund:r` };
    expect(await provider.refund(refund, signal)).toMatchObject({ captured: 1_999, refunded: 500 });
    expect(await provider.refund(refund, signal)).toMatchObject({ refunded: 500 });
    expect(await provider.lookup({ orderId, reference }, signal)).toMatchObject({ refunded: 500 });
    const tooMuch = { ...refund, amount: 1_500, refundId: 's', idempotencyKey: `${orderId}:refund:s` };
    await expect(provider.refund(tooMuch, signal)).rejects.toEqual(
      new ProviderRefused('charge_already_refunded'),
    );
  });

  test('lets go of a hold, which is no refund, and refuses to capture it then', async () => {
    const orderId = newOrder();
    const { reference } = await authorise(orderId);
    const about = { orderId, reference, amount: 1_999 };
    await provider.void({ ...about, idempotencyKey: `${orderId}:void` }, signal);
    expect(await provider.lookup({ orderId, reference }, signal)).toMatchObject({
      status: 'voided',
      refunded: 0,
    });
    await expect(
      provider.capture({ ...about, idempotencyKey: `${orderId}:capture` }, signal),
    ).rejects.toEqual(new ProviderRefused('payment_intent_unexpected_state'));
  });

  test('declines a card with the bank’s reason, and sends to its bank who has to confirm', async () => {
    expect(await authorise(newOrder(), 'pm_card_chargeDeclinedInsufficientFunds')).toMatchObject({
      status: 'declined',
      reason: 'insufficient_funds',
    });
    expect(await authorise(newOrder(), 'pm_card_authenticationRequired')).toMatchObject({
      status: 'requires_action',
      actionUrl: 'https://hooks.stripe.com/3d_secure/1',
    });
  });

  test('finds the PaymentIntent of an order whose answer was lost, and says when there is none', async () => {
    const orderId = newOrder();
    const { reference } = await authorise(orderId);
    expect(await provider.lookup({ orderId, reference: null }, signal)).toMatchObject({ reference });
    expect(await provider.lookup({ orderId: newOrder(), reference: null }, signal)).toBeUndefined();
  });

  test.each([
    [500, 'unknown'],
    [429, 'not-sent'],
    [409, 'unknown'],
    [401, 'not-sent'],
  ] as const)('says for an answer %i that the outcome is %s', async (status, outcome) => {
    server.failNext = status;
    await expect(authorise(newOrder())).rejects.toMatchObject({ name: 'ProviderUnavailable', outcome });
  });

  test('says that nothing was sent where nobody listens', async () => {
    const away = createStripeProvider({ url: 'http://127.0.0.1:1', secretKey: 'sk', returnUrl: undefined });
    const request = {
      orderId: newOrder(),
      amount: 1,
      currency: 'EUR',
      paymentMethod: 'pm',
      idempotencyKey: 'k',
    };
    await expect(away.authorise(request, signal)).rejects.toEqual(new ProviderUnavailable('not-sent'));
    await away.close();
  });

  test('tells of PaymentIntents and refunds in its webhooks, and of nothing else', () => {
    const orderId = newOrder();
    const intent = {
      object: 'payment_intent',
      id: 'pi_9',
      status: 'succeeded',
      amount_received: 1_999,
      latest_charge: 'ch_9',
      metadata: { order_id: orderId },
    };
    const event = (type: string, object: object) => ({
      id: 'evt_9',
      object: 'event',
      type,
      data: { object },
    });
    expect(provider.readWebhook(event('payment_intent.succeeded', intent))).toMatchObject({
      id: 'evt_9',
      orderId,
      charge: { reference: 'pi_9', status: 'captured', captured: 1_999, refunded: 0 },
    });
    const charge = {
      object: 'charge',
      payment_intent: 'pi_9',
      captured: true,
      amount_captured: 1_999,
      amount_refunded: 700,
      metadata: {},
    };
    expect(provider.readWebhook(event('charge.refunded', charge))).toMatchObject({
      orderId: undefined,
      charge: { reference: 'pi_9', captured: 1_999, refunded: 700 },
    });
    expect(provider.readWebhook(event('charge.refunded', { ...charge, captured: false }))).toBeUndefined();
    expect(provider.readWebhook(event('customer.created', { object: 'customer' }))).toBeUndefined();
  });
});
