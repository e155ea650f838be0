import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@bulkhead/resilience/clock';
import { z } from 'zod';
import type { SimulatedCharge } from '../providers/simulated';
import { Behaviour, drawFate } from './behaviour';
import type { Book, BookResponse } from './book';
import type { WebhookSender } from './webhook-sender';

export interface RoutesOptions {
  readonly book: Book;
  readonly webhooks: WebhookSender;
  readonly clock: Clock;
  readonly random: () => number;
  readonly state: { behaviour: Behaviour };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const NewCharge = z.object({
  orderId: z.uuid(),
  amount: z.int().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/),
  paymentMethod: z.string().min(1).max(200),
});
const WithAmount = z.object({ amount: z.int().min(1), refundId: z.string().max(100).nullish() });

const WithStatus = z.object({ status: z.enum(['pending', 'succeeded', 'failed']) });

/** How long a call without a response is held before its connection is closed, in ms. */
const holdMs = 120_000;
const maxBodyBytes = 64 * 1024;
const maxFailedKeys = 10_000;

/**
 * The provider's API: charges for shops, `/actions` for buyers, `PUT /refunds/{id}` for the outcome of a refund at the
 * banks, `/control` and the list of all charges for tests.
 */
export function createRoutes(options: RoutesOptions) {
  const { book, webhooks, clock, random, state } = options;
  /** Keys of calls that have already failed on purpose. */
  const failed = new Set<string>();

  /** A call with an effect: once per key, reported by webhook, with the response that its outcome demands. */
  async function effect(
    request: IncomingMessage,
    response: ServerResponse,
    paymentMethod: string,
    act: (key: string) => BookResponse,
  ): Promise<Answer | undefined> {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || key === '' || key.length > 255)
      return refusal(400, 'idempotency_key_missing');
    const known = book.known(key);
    const isRepeated = known !== undefined || failed.has(key);
    const fate = drawFate(state.behaviour, { paymentMethod, isRepeated }, random);
    if (fate.latencyMs > 0) await clock.sleep(fate.latencyMs);
    if (fate.fails) {
      if (failed.size < maxFailedKeys) failed.add(key);
      return refusal(500, 'internal_error');
    }
    // Checked again: another call with this key may have acted during the wait.
    const before = book.known(key);
    const answer = before ?? act(key);
    if (!before && answer.status < 300)
      webhooks.send(answer.body as SimulatedCharge, state.behaviour.webhooks);
    if (!fate.isNeverAnswered) return answer;
    const cut = clock.setTimer(() => response.destroy(), holdMs);
    response.once('close', () => cut.cancel());
    return undefined;
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider');
    const [, collection, id = '', action = ''] = pathname.split('/');
    const asked = `${request.method} ${collection}${action ? `/${action}` : ''}`;

    switch (asked) {
      case 'GET charges':
        return { status: 200, body: { items: list(searchParams.get('orderId')) } };
      case 'POST charges': {
        const order = NewCharge.safeParse(await readJson(request));
        if (!order.success) return refusal(422, 'invalid_charge');
        const declined = random() < state.behaviour.declineShare;
        return effect(request, response, order.data.paymentMethod, (key) =>
          book.charge(key, order.data, declined),
        );
      }
      case 'POST charges/capture':
      case 'POST charges/refunds': {
        const body = WithAmount.safeParse(await readJson(request));
        if (!body.success) return refusal(422, 'invalid_amount');
        const { amount, refundId = null } = body.data;
        return effect(request, response, '', (key) =>
          action === 'capture'
            ? book.capture(key, id, amount)
            : book.refund(key, id, { amount, refundId, status: state.behaviour.refunds }),
        );
      }
      case 'PUT refunds': {
        const body = WithStatus.safeParse(await readJson(request));
        if (!body.success) return refusal(422, 'invalid_status');
        const charge = book.settleRefund(id, body.data.status);
        if (!charge) return refusal(404, 'unknown_refund');
        webhooks.send(charge, state.behaviour.webhooks);
        return { status: 200, body: charge };
      }
      case 'POST charges/void':
        await readJson(request);
        return effect(request, response, '', (key) => book.void(key, id));
      case 'GET actions':
      case 'POST actions': {
        const charge = book.confirm(id, searchParams.get('outcome') !== 'refuse');
        if (!charge) return refusal(409, 'nothing_to_confirm');
        webhooks.send(charge, state.behaviour.webhooks);
        return { status: 200, body: charge };
      }
      case 'GET control':
        return { status: 200, body: state.behaviour };
      case 'PUT control': {
        const behaviour = Behaviour.safeParse(await readJson(request));
        if (!behaviour.success) return refusal(422, z.prettifyError(behaviour.error));
        state.behaviour = behaviour.data;
        return { status: 200, body: behaviour.data };
      }
      case 'GET livez':
        return { status: 200, body: { status: 'ok' } };
      default:
        return refusal(404, 'not_found');
    }
  }

  const list = (orderId: string | null): SimulatedCharge[] =>
    orderId === null ? book.all() : book.ofOrder(orderId);

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await route(request, response);
    if (!answer || response.destroyed) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  };
}

const refusal = (status: number, error: string): Answer => ({ status, body: { error } });

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
