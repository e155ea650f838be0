import { currencies, priceStepOf } from '@bulkhead/contracts/money/currency';
import { StripeServer, stripeKey } from '../testing/stripe-server';
import { MalformedWebhook, ProviderRefused, ProviderUnavailable, WebhookRefused } from './provider';
import { createStripeProvider } from './stripe';
import { stripeApiVersion } from './stripe-client';
import { fromStripeAmount, toStripeAmount } from './stripe-currencies';
import { signWebhook } from './webhook-signature';

const webhookSecret = 'whsec_of_these_tests_0123456789';
const returnUrl = 'https://shop.example/paid';

describe('Stripe', () => {
  const server = new StripeServer();
  const signal = new AbortController().signal;
  let provider: ReturnType<typeof createStripeProvider>;
  beforeAll(async () => {
    provider = createStripeProvider({
      url: await server.start(),
      secretKey: () => stripeKey,
      webhookSecrets: () => [webhookSecret],
      returnUrl,
    });
  });
  afterAll(async () => {
    await provider.close();
    await server.stop();
  });
  afterEach(() => {
    server.fault = () => undefined;
    server.newRefundStatus = 'succeeded';
  });

  let orders = 0;
  const newOrder = () => `0190a000-0000-7000-8000-${String(++orders).padStart(12, '0')}`;
  const create = (
    orderId: string,
    changes: { paymentMethod?: string; amount?: number; currency?: string } = {},
  ) =>
    provider.authorise(
      {
        orderId,
        amount: 1_999,
        currency: 'EUR',
        paymentMethod: 'pm_card_visa',
        reference: null,
        idempotencyKey: `${orderId}:authorise`,
        ...changes,
      },
      signal,
    );
  const authorise = async (orderId: string, paymentMethod = 'pm_card_visa') => {
    const { reference } = await create(orderId, { paymentMethod });
    return provider.authorise(
      {
        orderId,
        amount: 1_999,
        currency: 'EUR',
        paymentMethod,
        reference,
        idempotencyKey: `${orderId}:confirm`,
      },
      signal,
    );
  };
  const captured = async (orderId = newOrder()) => {
    const { reference } = await authorise(orderId);
    const about = { orderId, reference, amount: 1_999, currency: 'EUR' };
    await provider.capture({ ...about, idempotencyKey: `${orderId}:capture` }, signal);
    const refund = (refundId: string, amount: number) =>
      provider.refund(
        { ...about, amount, refundId, idempotencyKey: `${orderId}:refund:${refundId}` },
        signal,
      );
    return { ...about, refund };
  };

  test('creates a PaymentIntent that holds nothing, and holds the money by confirming it', async () => {
    const orderId = newOrder();
    const created = await create(orderId);
    expect(created).toMatchObject({ status: 'created', captured: 0, refunded: 0 });
    expect(Object.fromEntries(server.requests.at(-1)!.form)).toEqual({
      amount: '1999',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      'allowed_payment_method_types[0]': 'card',
      capture_method: 'manual',
      'metadata[order_id]': orderId,
    });
    const held = await authorise(orderId);
    expect(held).toMatchObject({ reference: created.reference, status: 'authorised' });
    const { path, form, key } = server.requests.at(-1)!;
    expect(path).toBe(`/v1/payment_intents/${created.reference}/confirm`);
    expect(key).toBe(`${orderId}:confirm`);
    expect(form.get('return_url')).toBe(returnUrl);
    expect(server.intentsOf(orderId)).toHaveLength(1);
  });

  test('sends the version of the API that its types describe with every request', async () => {
    const { reference, orderId, refund } = await captured();
    await refund('r', 100);
    await provider.lookup({ orderId, reference: null }, signal);
    await provider.lookup({ orderId, reference, withDisputes: true }, signal);
    expect(new Set(server.requests.map(({ version }) => version))).toEqual(new Set([stripeApiVersion]));
  });

  test('captures it, refunds a part, and reports both when looked up', async () => {
    const { orderId, reference, refund } = await captured();
    expect(await refund('r', 500)).toMatchObject({
      status: 'captured',
      captured: 1_999,
      refunded: 500,
      refunds: [{ refundId: 'r', amount: 500, status: 'succeeded', failure: null }],
    });
    expect(await refund('r', 500)).toMatchObject({ refunded: 500 });
    expect(await provider.lookup({ orderId, reference }, signal)).toMatchObject({ refunded: 500 });
    await expect(refund('s', 1_500)).rejects.toEqual(new ProviderRefused('charge_already_refunded'));
  });

  test('reports a refund’s actual status: pending, and failed after it succeeded', async () => {
    const { orderId, reference, refund } = await captured();
    server.newRefundStatus = 'pending';
    const pending = await refund('r', 500);
    expect(pending).toMatchObject({ refunded: 0, refunds: [{ refundId: 'r', status: 'pending' }] });
    const id = pending.refunds[0]!.reference;
    server.changeRefund(id, 'succeeded');
    expect(await provider.lookup({ orderId, reference }, signal)).toMatchObject({ refunded: 500 });
    server.changeRefund(id, 'failed');
    const failed = { refunded: 0, refunds: [{ status: 'failed', failure: 'expired_or_canceled_card' }] };
    expect(await provider.lookup({ orderId, reference }, signal)).toMatchObject(failed);
    // The stored response says "pending" for ever; what counts is what the refund is now.
    expect(await refund('r', 500)).toMatchObject(failed);
  });

  test.each([
    ['requires_action', 'pending', null],
    ['canceled', 'failed', 'canceled'],
    ['failed', 'failed', 'expired_or_canceled_card'],
  ] as const)('reads a refund that is %s as %s', async (status, expected, failure) => {
    const { refund } = await captured();
    server.newRefundStatus = status;
    expect(await refund('r', 500)).toMatchObject({
      refunded: 0,
      refunds: [{ status: expected, failure }],
    });
  });

  test('reads all refunds of a charge that has more than come along with it', async () => {
    const { orderId, reference, refund } = await captured();
    server.listedRefunds = 1;
    for (const id of ['a', 'b', 'c']) await refund(id, 100);
    server.refundAtDashboard(reference, 50);
    const { refunds, refunded } = (await provider.lookup({ orderId, reference }, signal))!;
    expect(refunds.map(({ refundId }) => refundId)).toEqual([null, 'c', 'b', 'a']);
    expect(refunded).toBe(350);
    server.listedRefunds = 10;
  });

  test('lets go of a hold, which is no refund, and refuses to capture it then', async () => {
    const orderId = newOrder();
    const { reference } = await authorise(orderId);
    const about = { orderId, reference, amount: 1_999, currency: 'EUR' };
    await provider.void({ ...about, idempotencyKey: `${orderId}:void` }, signal);
    expect(await provider.lookup({ orderId, reference }, signal)).toMatchObject({
      status: 'voided',
      refunded: 0,
      refunds: [],
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
    const { actionUrl, status, reference } = await authorise(newOrder(), 'pm_card_authenticationRequired');
    expect({ actionUrl, status }).toEqual({
      status: 'requires_action',
      actionUrl: `https://hooks.stripe.com/3d_secure/${reference}`,
    });
  });

  test('finds the PaymentIntent of an order whose response was lost, and says when there is none', async () => {
    const orderId = newOrder();
    const { reference } = await authorise(orderId);
    expect(await provider.lookup({ orderId, reference: null }, signal)).toMatchObject({
      reference,
      status: 'authorised',
    });
    expect(await provider.lookup({ orderId: newOrder(), reference: null }, signal)).toBeUndefined();
    expect(await provider.lookup({ orderId, reference: 'pi_none' }, signal)).toBeUndefined();
  });

  test.each([
    [500, { outcome: 'unknown', keyIsSpent: true }],
    ['proxy', { outcome: 'unknown', keyIsSpent: false }],
    ['cut', { outcome: 'unknown', keyIsSpent: false }],
    [429, { outcome: 'not-sent' }],
    [409, { outcome: 'unknown', keyIsSpent: false }],
    [401, { outcome: 'not-sent' }],
  ] as const)('says for a response %s what may have happened: %j', async (fault, expected) => {
    server.fault = () => fault;
    const before = server.requests.length;
    await expect(create(newOrder())).rejects.toMatchObject({ name: 'ProviderUnavailable', ...expected });
    // The package repeats nothing on its own, not even where the connection was closed.
    expect(server.requests.length - before).toBe(1);
  });

  test('says that a key is spent when an error comes again under it, or when it was used for something else', async () => {
    const orderId = newOrder();
    server.fault = () => 'error';
    await expect(create(orderId)).rejects.toMatchObject({ keyIsSpent: true });
    server.fault = () => undefined;
    await expect(create(orderId)).rejects.toMatchObject({ outcome: 'unknown', keyIsSpent: true });
    const other = newOrder();
    await create(other);
    await expect(create(other, { amount: 5 })).rejects.toMatchObject({
      outcome: 'unknown',
      keyIsSpent: true,
    });
  });

  test('gives up a call when its signal aborts', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(provider.lookup({ orderId: newOrder(), reference: 'pi_1' }, aborted)).rejects.toMatchObject({
      name: 'ProviderUnavailable',
    });
  });

  test('says that nothing was sent where nobody listens', async () => {
    const away = createStripeProvider({
      url: 'http://127.0.0.1:1',
      secretKey: () => 'sk',
      webhookSecrets: () => [webhookSecret],
      returnUrl,
    });
    const request = {
      orderId: newOrder(),
      amount: 1,
      currency: 'EUR',
      paymentMethod: 'pm',
      reference: null,
      idempotencyKey: 'k',
    };
    await expect(away.authorise(request, signal)).rejects.toEqual(new ProviderUnavailable('not-sent'));
    await away.close();
  });

  test.each([
    ['EUR', 1_999, '1999'],
    ['JPY', 500, '500'],
    ['ISK', 5_000, '500000'],
    ['UGX', 7_000, '700000'],
    ['MGA', 12_300, '123'],
    ['KWD', 1_250, '1250'],
  ])('charges %s in the units of its API and reads them back', async (currency, amount, sent) => {
    const orderId = newOrder();
    const { reference } = await create(orderId, { currency, amount });
    expect(server.requests.at(-1)!.form.get('amount')).toBe(sent);
    const about = { orderId, reference, amount, currency };
    await provider.authorise(
      { ...about, paymentMethod: 'pm_card_visa', idempotencyKey: `${orderId}:confirm` },
      signal,
    );
    expect(await provider.capture({ ...about, idempotencyKey: `${orderId}:capture` }, signal)).toMatchObject({
      captured: amount,
    });
    expect(server.requests.at(-1)!.form.get('amount_to_capture')).toBe(sent);
    const refunded = await provider.refund(
      { ...about, refundId: 'r', idempotencyKey: `${orderId}:refund:r` },
      signal,
    );
    expect(refunded).toMatchObject({ refunded: amount, refunds: [{ amount }] });
  });

  test.each([
    ['MGA', 12_350],
    ['BHD', 1_255],
    ['TND', 1],
  ])(
    'refuses %s %i, which Stripe cannot charge exactly, before anything is sent',
    async (currency, amount) => {
      const before = server.requests.length;
      await expect(create(newOrder(), { currency, amount })).rejects.toEqual(
        new ProviderRefused('amount_not_chargeable'),
      );
      expect(server.requests).toHaveLength(before);
    },
  );

  test('every price that may be set is one that Stripe can charge', () => {
    for (const currency of currencies) {
      const step = priceStepOf(currency);
      for (const amount of [step, 7 * step, 123 * step])
        expect([currency, fromStripeAmount(toStripeAmount(amount, currency), currency)]).toEqual([
          currency,
          amount,
        ]);
    }
  });

  describe('webhooks', () => {
    const receive = (event: object, { secret = webhookSecret, ageMs = 0 } = {}) => {
      const body = JSON.stringify(event);
      return provider.readWebhook({
        body: Buffer.from(body),
        signature: signWebhook(body, secret, Date.now() - ageMs),
        receivedAt: Date.now(),
      });
    };

    test('say at once what stays true, and have everything else looked up', async () => {
      const orderId = newOrder();
      const { reference } = await authorise(orderId);
      expect(receive(server.eventOf('payment_intent.amount_capturable_updated', reference))).toMatchObject({
        orderId,
        reference,
        charge: { status: 'authorised' },
      });
      expect(receive(server.eventOf('payment_intent.created', reference))).toBeUndefined();
      const { reference: declined } = await authorise(newOrder(), 'pm_card_chargeDeclinedInsufficientFunds');
      expect(receive(server.eventOf('payment_intent.payment_failed', declined))).toMatchObject({
        reference: declined,
        charge: undefined,
      });
      const paid = await captured();
      await paid.refund('r', 100);
      expect(receive(server.eventOf('payment_intent.succeeded', paid.reference))).toMatchObject({
        charge: { status: 'captured', captured: 1_999 },
      });
      const { latest_charge } = server.intents.get(paid.reference)!;
      expect(receive(server.eventOf('charge.refunded', latest_charge!))).toMatchObject({
        orderId: undefined,
        reference: paid.reference,
        charge: undefined,
      });
      const refund = [...server.refunds.values()].at(-1)!;
      expect(receive(server.eventOf('refund.created', refund.id))).toMatchObject({
        orderId: paid.orderId,
        reference: paid.reference,
        charge: undefined,
      });
      const dispute = server.dispute(paid.reference);
      expect(receive(server.eventOf('charge.dispute.created', dispute.id))).toMatchObject({
        reference: paid.reference,
        charge: undefined,
        isAboutDispute: true,
      });
    });

    test('of other things tell nothing', () => {
      const event = (type: string, object: object) => ({
        id: 'evt_1',
        object: 'event',
        type,
        data: { object },
      });
      expect(receive(event('customer.created', { object: 'customer', id: 'cus_1' }))).toBeUndefined();
      expect(
        receive(event('charge.succeeded', { object: 'charge', id: 'ch_1', payment_intent: null })),
      ).toBeUndefined();
      expect(
        receive({ object: 'v2.core.event', id: 'evt_2', type: 'v1.billing.meter.error' }),
      ).toBeUndefined();
      expect(receive(event('payment_intent.succeeded', {}))).toBeUndefined();
    });

    test('are refused when they are not signed by Stripe, too old, or no JSON', () => {
      const event = server.events.at(-1)!;
      expect(() => receive(event, { secret: 'whsec_of_somebody_else' })).toThrow(WebhookRefused);
      expect(() => receive(event, { ageMs: 301_000 })).toThrow(WebhookRefused);
      expect(receive(event, { ageMs: 290_000 })).toBeDefined();
      const body = 'no json';
      const signature = signWebhook(body, webhookSecret, Date.now());
      const signed = { body: Buffer.from(body), receivedAt: Date.now() };
      expect(() => provider.readWebhook({ ...signed, signature })).toThrow(MalformedWebhook);
      expect(() => provider.readWebhook({ ...signed, signature: undefined })).toThrow(WebhookRefused);
    });
  });
});
