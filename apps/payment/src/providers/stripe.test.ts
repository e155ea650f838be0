import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStripeProvider } from './stripe';
import { ProviderRefused, ProviderUnavailable } from './provider';

/** A server of the shapes in https://docs.stripe.com/api, with the parts that payment uses. */
interface Intent {
  readonly object: 'payment_intent';
  id: string;
  status: string;
  amount: number;
  amount_received: number;
  last_payment_error: object | null;
  next_action: object | null;
  metadata: Record<string, string>;
  latest_charge: null | {
    object: 'charge';
    id: string;
    payment_intent: string;
    captured: boolean;
    amount_captured: number;
    amount_refunded: number;
  };
}

class StripeServer {
  readonly intents = new Map<string, Intent>();
  readonly requests: { method: string; path: string; key: string | undefined; form: URLSearchParams }[] = [];
  readonly #answers = new Map<string, { status: number; body: object }>();
  readonly #server: Server;
  failNext: number | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    const url = new URL(request.url!, 'http://stripe');
    const form = new URLSearchParams(text);
    const key = request.headers['idempotency-key'] as string | undefined;
    this.requests.push({ method: request.method!, path: url.pathname, key, form });
    if (request.headers.authorization !== 'Bearer sk_test_0123456789abcdef')
      return failure(401, { type: 'invalid_request_error' });
    if (this.failNext) {
      const status = this.failNext;
      this.failNext = undefined;
      return failure(status, { type: 'api_error' });
    }
    const known = key === undefined ? undefined : this.#answers.get(key);
    if (known) return known;
    const answer = request.method === 'GET' ? this.#read(url) : this.#write(url.pathname, form);
    if (key !== undefined) this.#answers.set(key, answer);
    return answer;
  }

  #read(url: URL) {
    const [, , , id = ''] = url.pathname.split('/');
    if (id === 'search') {
      const orderId = /^metadata\['order_id'\]:'(.+)'$/.exec(url.searchParams.get('query') ?? '')?.[1];
      const data = [...this.intents.values()].filter(({ metadata }) => metadata['order_id'] === orderId);
      return { status: 200, body: { object: 'search_result', data } };
    }
    const intent = this.intents.get(id);
    return intent ? { status: 200, body: intent } : failure(404, { code: 'resource_missing' });
  }

  #write(path: string, form: URLSearchParams) {
    const [, , collection, id = '', action] = path.split('/');
    if (collection === 'refunds') {
      const charge = this.intents.get(form.get('payment_intent')!)!.latest_charge!;
      const amount = Number(form.get('amount'));
      if (charge.amount_refunded + amount > charge.amount_captured)
        return failure(400, { type: 'invalid_request_error', code: 'charge_already_refunded' });
      charge.amount_refunded += amount;
      return { status: 200, body: { object: 'refund', id: 're_1', amount, status: 'succeeded' } };
    }
    if (!action) return this.#create(form);
    const intent = this.intents.get(id)!;
    if (intent.status !== 'requires_capture')
      return failure(400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' });
    const charge = intent.latest_charge!;
    if (action === 'cancel') {
      intent.status = 'canceled';
      // Letting go of a hold shows as a refund of a charge that was never captured.
      charge.amount_refunded = intent.amount;
    } else {
      intent.status = 'succeeded';
      intent.amount_received = charge.amount_captured = Number(form.get('amount_to_capture'));
      charge.captured = true;
    }
    return { status: 200, body: { ...intent, latest_charge: charge.id } };
  }

  #create(form: URLSearchParams) {
    const id = `pi_${this.intents.size + 1}`;
    const amount = Number(form.get('amount'));
    const method = form.get('payment_method')!;
    const declined = method === 'pm_card_chargeDeclinedInsufficientFunds';
    const authenticate = method === 'pm_card_authenticationRequired';
    const intent: Intent = {
      object: 'payment_intent',
      id,
      amount,
      status: declined ? 'requires_payment_method' : authenticate ? 'requires_action' : 'requires_capture',
      amount_received: 0,
      last_payment_error: declined ? { code: 'card_declined', decline_code: 'insufficient_funds' } : null,
      next_action: authenticate ? { redirect_to_url: { url: 'https://hooks.stripe.com/3d_secure/1' } } : null,
      metadata: { order_id: form.get('metadata[order_id]')! },
      latest_charge: {
        object: 'charge',
        id: `ch_${id}`,
        payment_intent: id,
        captured: false,
        amount_captured: 0,
        amount_refunded: 0,
      },
    };
    this.intents.set(id, intent);
    if (!declined) return { status: 200, body: { ...intent, latest_charge: `ch_${id}` } };
    return failure(402, {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      payment_intent: { ...intent, latest_charge: `ch_${id}` },
    });
  }
}

const failure = (status: number, error: object) => ({ status, body: { error } });

describe('Stripe', () => {
  const server = new StripeServer();
  const signal = new AbortController().signal;
  let provider: ReturnType<typeof createStripeProvider>;
  beforeAll(async () => {
    provider = createStripeProvider({
      url: await server.start(),
      secretKey: 'sk_test_0123456789abcdef',
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
