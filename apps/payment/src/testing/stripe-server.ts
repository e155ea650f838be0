import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const stripeKey = 'sk_test_0123456789abcdef';

export interface StripeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly key: string | undefined;
  readonly version: string | undefined;
  readonly form: URLSearchParams;
}

export interface StripeIntent {
  readonly object: 'payment_intent';
  readonly id: string;
  status: string;
  readonly amount: number;
  amount_received: number;
  readonly currency: string;
  last_payment_error: object | null;
  next_action: object | null;
  readonly metadata: Record<string, string>;
  payment_method: string | null;
  latest_charge: string | null;
}

export interface StripeCharge {
  readonly object: 'charge';
  readonly id: string;
  readonly payment_intent: string;
  readonly currency: string;
  captured: boolean;
  disputed: boolean;
  amount_captured: number;
  amount_refunded: number;
  readonly metadata: Record<string, string>;
}

export interface StripeRefund {
  readonly object: 'refund';
  readonly id: string;
  readonly payment_intent: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  status: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';
  failure_reason: string | null;
  readonly metadata: Record<string, string>;
}

export interface StripeDispute {
  readonly object: 'dispute';
  readonly id: string;
  readonly payment_intent: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  status: string;
  is_charge_refundable: boolean;
}

/** An event contains a snapshot of its object. */
export interface StripeEvent {
  readonly id: string;
  readonly object: 'event';
  readonly type: string;
  readonly data: { readonly object: object };
}

/**
 * The fault of a request:
 * - 'error': 500 without an effect, which is stored under the key and replayed;
 * - 'error-after': the same, after the effect;
 * - 'cut': no response, and no effect;
 * - 'cut-after': the effect, and no response;
 * - 'proxy': 502 of a proxy in front of the API, nothing is stored;
 * - a number: that status without an effect, nothing is stored.
 */
export type StripeFault = 'error' | 'error-after' | 'cut' | 'cut-after' | 'proxy' | number;

interface Answer {
  readonly status: number;
  readonly body: object;
}

/**
 * A stateful server with the shapes of https://docs.stripe.com/api, for the parts that payment uses: idempotency keys
 * with stored errors, the lifecycles of intents and refunds, disputes, and events that are snapshots.
 */
export class StripeServer {
  readonly intents = new Map<string, StripeIntent>();
  readonly charges = new Map<string, StripeCharge>();
  readonly refunds = new Map<string, StripeRefund>();
  readonly disputes = new Map<string, StripeDispute>();
  /** All events, in the order in which they happened. */
  readonly events: StripeEvent[] = [];
  readonly requests: StripeRequest[] = [];
  /** Called for each request: chooses its fault, if any. */
  fault: (request: StripeRequest) => StripeFault | undefined = () => undefined;
  /** Initial status of a refund. */
  newRefundStatus: StripeRefund['status'] = 'succeeded';
  /** Accepted API keys. */
  keys: readonly string[] = [stripeKey];
  /** Called for every event when it happens. */
  onEvent: (event: StripeEvent) => void = () => undefined;
  /** The account of the key. */
  account = { object: 'account', id: 'acct_1', default_currency: 'eur', charges_enabled: true };
  /** API collections that the key may not use. */
  readonly forbidden = new Set<string>();
  /** Number of refunds included in an expanded charge. */
  listedRefunds = 10;
  readonly #answers = new Map<
    string,
    { readonly path: string; readonly form: string; readonly answer: Answer }
  >();
  readonly #server: Server;
  #ids = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** @param at default: a free port of 127.0.0.1 */
  async start(at: { port: number; host: string } = { port: 0, host: '127.0.0.1' }): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(at.port, at.host, resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  intentsOf(orderId: string): StripeIntent[] {
    return [...this.intents.values()].filter(({ metadata }) => metadata['order_id'] === orderId);
  }
  refundsOf(intentId: string): StripeRefund[] {
    return [...this.refunds.values()].filter(({ payment_intent }) => payment_intent === intentId);
  }
  requestsTo(path: string, method = 'POST'): StripeRequest[] {
    return this.requests.filter((request) => request.path === path && request.method === method);
  }
  /** The latest event of a type about an object, by its id. */
  eventOf(type: string, id: string): StripeEvent {
    const found = this.events.findLast(
      ({ type: told, data }) => told === type && (data.object as { id: string }).id === id,
    );
    if (!found) throw new Error(`nothing of type ${type} was told about ${id}`);
    return found;
  }

  /** The buyer returns from their bank. */
  authenticate(intentId: string, outcome: 'confirmed' | 'refused'): void {
    const intent = this.intents.get(intentId);
    if (intent?.status !== 'requires_action') throw new Error(`${intentId} asks nobody to confirm`);
    intent.next_action = null;
    if (outcome === 'confirmed') return this.#hold(intent);
    this.#decline(intent, { code: 'payment_intent_authentication_failure' });
  }

  /** Leaves `processing`. */
  settle(intentId: string): void {
    this.#hold(this.intents.get(intentId)!);
  }

  /** Authorisations expire after some days; people cancel intents in the dashboard. */
  cancel(intentId: string): void {
    const intent = this.intents.get(intentId)!;
    const charge = intent.latest_charge ? this.charges.get(intent.latest_charge) : undefined;
    intent.status = 'canceled';
    intent.next_action = null;
    // A void appears as a refund of a charge that was never captured.
    if (charge) {
      charge.amount_refunded = intent.amount;
      this.#emit('charge.refunded', charge);
    }
    this.#emit('payment_intent.canceled', intent);
  }

  /** Changes the later status of a refund. */
  changeRefund(id: string, status: StripeRefund['status']): void {
    const refund = this.refunds.get(id)!;
    const charge = this.charges.get(refund.charge)!;
    const counted = countsAsRefunded(refund.status);
    refund.status = status;
    if (status === 'failed') refund.failure_reason = 'expired_or_canceled_card';
    if (counted && !countsAsRefunded(status)) charge.amount_refunded -= refund.amount;
    this.#emit(status === 'failed' ? 'refund.failed' : 'refund.updated', refund);
    this.#emit('charge.refund.updated', refund);
    this.#emit('charge.updated', charge);
  }

  /** Refunds in the dashboard, without an order id. */
  refundAtDashboard(intentId: string, amount: number): StripeRefund {
    return this.#addRefund(this.intents.get(intentId)!, amount, {});
  }

  dispute(intentId: string, status = 'needs_response', isRefundable = false): StripeDispute {
    const intent = this.intents.get(intentId)!;
    const charge = this.charges.get(intent.latest_charge!)!;
    const dispute: StripeDispute = {
      object: 'dispute',
      id: this.#id('du'),
      payment_intent: intent.id,
      charge: charge.id,
      amount: intent.amount,
      currency: intent.currency,
      reason: 'fraudulent',
      status,
      is_charge_refundable: isRefundable,
    };
    charge.disputed = true;
    this.disputes.set(dispute.id, dispute);
    this.#emit('charge.dispute.created', dispute);
    if (!isRefundable) this.#emit('charge.dispute.funds_withdrawn', dispute);
    this.#emit('charge.updated', charge);
    return dispute;
  }
  closeDispute(id: string, status: 'won' | 'lost' | 'warning_closed'): void {
    const dispute = this.disputes.get(id)!;
    dispute.status = status;
    this.#emit('charge.dispute.closed', dispute);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    const url = new URL(request.url!, 'http://stripe');
    const seen: StripeRequest = {
      method: request.method!,
      path: url.pathname,
      query: url.searchParams,
      key: request.headers['idempotency-key'] as string | undefined,
      version: request.headers['stripe-version'] as string | undefined,
      form: new URLSearchParams(text),
    };
    this.requests.push(seen);
    const send = ({ status, body }: Answer, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'request-id': this.#id('req'), ...headers })
        .end(JSON.stringify(body));

    if (!this.keys.some((key) => request.headers.authorization === `Bearer ${key}`))
      return void send(failure(401, { type: 'invalid_request_error' }));
    const fault = this.fault(seen);
    if (fault === 'cut') return void response.destroy();
    if (fault === 'proxy') return void response.writeHead(502).end('<html>Bad Gateway</html>');
    if (typeof fault === 'number') return void send(failure(fault, { type: 'api_error' }));

    const id = seen.key === undefined ? undefined : `${seen.path} ${seen.key}`;
    const known = id === undefined ? undefined : this.#answers.get(id);
    if (known && known.form !== text) return void send(failure(400, { type: 'idempotency_error' }));
    if (known) return void send(known.answer, { 'idempotent-replayed': 'true' });
    const answer = this.#answer(seen, fault);
    if (id !== undefined) this.#answers.set(id, { path: seen.path, form: text, answer });
    if (fault === 'cut-after') return void response.destroy();
    send(answer);
  }

  #answer(request: StripeRequest, fault: StripeFault | undefined): Answer {
    const broken = failure(500, { type: 'api_error', message: 'An unknown error occurred' });
    if (fault === 'error') return broken;
    const answer = request.method === 'GET' ? this.#read(request) : this.#write(request);
    return fault === 'error-after' ? broken : answer;
  }

  #read({ path, query }: StripeRequest): Answer {
    const [, , collection = '', id = ''] = path.split('/');
    if (this.forbidden.has(collection)) return failure(403, { type: 'invalid_request_error' });
    if (collection === 'account') return ok(this.account);
    const ofIntent = <T extends { payment_intent: string }>(all: Map<string, T>) =>
      [...all.values()]
        .filter(({ payment_intent }) => payment_intent === query.get('payment_intent'))
        .reverse();
    if (collection === 'refunds') return ok(list(ofIntent(this.refunds), 100));
    if (collection === 'disputes') return ok(list(ofIntent(this.disputes), 100));
    if (id === '') return ok(list([...this.intents.values()], 1));
    if (id === 'search') {
      const orderId = /^metadata\['order_id'\]:'(.+)'$/.exec(query.get('query') ?? '')?.[1];
      return ok({ object: 'search_result', data: this.intentsOf(orderId ?? ''), has_more: false });
    }
    const intent = this.intents.get(id);
    if (!intent) return failure(404, { type: 'invalid_request_error', code: 'resource_missing' });
    const charge = this.charges.get(intent.latest_charge ?? '');
    if (!charge || query.get('expand[0]') !== 'latest_charge.refunds') return ok(intent);
    const refunds = [...this.refunds.values()].filter((refund) => refund.charge === charge.id).reverse();
    return ok({ ...intent, latest_charge: { ...charge, refunds: list(refunds, this.listedRefunds) } });
  }

  #write({ path, form }: StripeRequest): Answer {
    const [, , collection, id = '', action] = path.split('/');
    if (collection === 'refunds') return this.#refund(form);
    if (!action) return this.#create(form);
    const intent = this.intents.get(id);
    if (!intent) return failure(404, { type: 'invalid_request_error', code: 'resource_missing' });
    const unexpected = failure(400, {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
    });
    if (action === 'confirm')
      return confirmable.has(intent.status) ? this.#confirm(intent, form) : unexpected;
    if (action === 'cancel') {
      if (intent.status === 'canceled' || intent.status === 'succeeded') return unexpected;
      this.cancel(id);
      return ok(intent);
    }
    if (intent.status !== 'requires_capture') return unexpected;
    const charge = this.charges.get(intent.latest_charge!)!;
    intent.status = 'succeeded';
    intent.amount_received = charge.amount_captured = Number(form.get('amount_to_capture'));
    charge.captured = true;
    this.#emit('charge.captured', charge);
    this.#emit('payment_intent.succeeded', intent);
    return ok(intent);
  }

  #create(form: URLSearchParams): Answer {
    const intent: StripeIntent = {
      object: 'payment_intent',
      id: this.#id('pi'),
      status: form.has('payment_method') ? 'requires_confirmation' : 'requires_payment_method',
      amount: Number(form.get('amount')),
      amount_received: 0,
      currency: form.get('currency')!,
      last_payment_error: null,
      next_action: null,
      metadata: { order_id: form.get('metadata[order_id]')! },
      payment_method: form.get('payment_method'),
      latest_charge: null,
    };
    this.intents.set(intent.id, intent);
    // Sent before anything else is known.
    this.#emit('payment_intent.created', { ...intent, status: 'requires_payment_method' });
    return ok(intent);
  }

  #confirm(intent: StripeIntent, form: URLSearchParams): Answer {
    intent.payment_method = form.get('payment_method') ?? intent.payment_method;
    switch (intent.payment_method) {
      case 'pm_card_chargeDeclinedInsufficientFunds': {
        const error = { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' };
        this.#decline(intent, error);
        return failure(402, { ...error, payment_intent: { ...intent } });
      }
      case 'pm_card_authenticationRequired': {
        intent.status = 'requires_action';
        // Without a return URL, only a page with Stripe's script can continue.
        intent.next_action = form.has('return_url')
          ? {
              type: 'redirect_to_url',
              redirect_to_url: { url: `https://hooks.stripe.com/3d_secure/${intent.id}` },
            }
          : { type: 'use_stripe_sdk', use_stripe_sdk: {} };
        this.#emit('payment_intent.requires_action', intent);
        return ok(intent);
      }
      case 'pm_processing':
        intent.status = 'processing';
        this.#emit('payment_intent.processing', intent);
        return ok(intent);
      default:
        this.#hold(intent);
        return ok(intent);
    }
  }

  #hold(intent: StripeIntent): void {
    const charge: StripeCharge = {
      object: 'charge',
      id: this.#id('ch'),
      payment_intent: intent.id,
      currency: intent.currency,
      captured: false,
      disputed: false,
      amount_captured: 0,
      amount_refunded: 0,
      metadata: {},
    };
    this.charges.set(charge.id, charge);
    intent.latest_charge = charge.id;
    intent.status = 'requires_capture';
    this.#emit('charge.succeeded', charge);
    this.#emit('payment_intent.amount_capturable_updated', intent);
  }

  #decline(intent: StripeIntent, error: object): void {
    intent.status = 'requires_payment_method';
    intent.last_payment_error = error;
    this.#emit('payment_intent.payment_failed', intent);
  }

  #refund(form: URLSearchParams): Answer {
    const intent = this.intents.get(form.get('payment_intent')!)!;
    const charge = this.charges.get(intent.latest_charge!)!;
    const amount = Number(form.get('amount'));
    if (charge.amount_refunded + amount > charge.amount_captured)
      return failure(400, { type: 'invalid_request_error', code: 'charge_already_refunded' });
    const metadata = {
      order_id: form.get('metadata[order_id]')!,
      refund_id: form.get('metadata[refund_id]')!,
    };
    return ok(this.#addRefund(intent, amount, metadata));
  }

  #addRefund(intent: StripeIntent, amount: number, metadata: Record<string, string>): StripeRefund {
    const charge = this.charges.get(intent.latest_charge!)!;
    const refund: StripeRefund = {
      object: 'refund',
      id: this.#id('re'),
      payment_intent: intent.id,
      charge: charge.id,
      amount,
      currency: intent.currency,
      status: this.newRefundStatus,
      failure_reason: this.newRefundStatus === 'failed' ? 'expired_or_canceled_card' : null,
      metadata,
    };
    this.refunds.set(refund.id, refund);
    // Pending refunds count here, too.
    if (countsAsRefunded(refund.status)) charge.amount_refunded += amount;
    this.#emit('refund.created', refund);
    if (charge.amount_refunded > 0) this.#emit('charge.refunded', charge);
    return refund;
  }

  #emit(type: string, object: object): void {
    const event: StripeEvent = {
      id: this.#id('evt'),
      object: 'event',
      type,
      data: { object: structuredClone(object) },
    };
    this.events.push(event);
    this.onEvent(event);
  }

  #id(kind: string): string {
    return `${kind}_${++this.#ids}`;
  }
}

const confirmable = new Set(['requires_payment_method', 'requires_confirmation']);

const countsAsRefunded = (status: StripeRefund['status']): boolean =>
  status !== 'failed' && status !== 'canceled';

/** A response is a snapshot, too: it may be stored under its key. */
const ok = (body: object): Answer => ({ status: 200, body: structuredClone(body) });
const failure = (status: number, error: object): Answer => ({ status, body: { error } });
const list = (data: object[], most: number) => ({
  object: 'list',
  data: data.slice(0, most),
  has_more: data.length > most,
});
