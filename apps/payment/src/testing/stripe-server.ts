import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const stripeKey = 'sk_test_0123456789abcdef';

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
    refunds: { data: object[] };
  };
}

/** A server of the shapes in https://docs.stripe.com/api, with the parts that payment uses. */
export class StripeServer {
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
    if (request.headers.authorization !== `Bearer ${stripeKey}`)
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
      const metadata = { refund_id: form.get('metadata[refund_id]')! };
      const id = `re_${charge.refunds.data.length + 1}`;
      const refund = { object: 'refund', id, amount, status: 'succeeded', metadata };
      charge.refunds.data.push(refund);
      return { status: 200, body: refund };
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
        refunds: { data: [] },
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
