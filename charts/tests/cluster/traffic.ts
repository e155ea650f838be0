import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answer,
  type Person,
  plentifulProducts,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { eventually } from '@bulkhead/testing/eventually';

export interface AcknowledgedOrder {
  readonly orderId: string;
  readonly status: 201 | 202;
  readonly userId: string;
  readonly key: string;
}

export interface TrafficReport {
  readonly requests: number;
  /** What was asked, and how it failed: no answer, or a 5xx. Being asked to come again (503 with `Retry-After`) is not it. */
  readonly failures: readonly string[];
  readonly orders: readonly AcknowledgedOrder[];
}

export interface TrafficOptions {
  /** Requests of the catalog a second. */
  readonly browseRate?: number;
  /** Orders a second. */
  readonly orderRate?: number;
  /** Whether a failed order is repeated with its key until it is answered, as a client should. */
  readonly repeat?: boolean;
}

/** People who come at a fixed rate, whether or not the shop keeps up, until `stop`. */
export async function startTraffic(shop: ShopClient, options: TrafficOptions = {}) {
  const { browseRate = 8, orderRate = 2, repeat = false } = options;
  // Before the traffic begins a shop that was installed a moment ago may still say that it is not ready for that.
  const person = await eventually(() => register(shop), { timeoutMs: 30_000, everyMs: 1_000 });
  // Enough of them that none is sold out while the traffic lasts.
  const products = await plentifulProducts(shop, 10);
  const failures: string[] = [];
  const turnedAway: string[] = [];
  const orders: AcknowledgedOrder[] = [];
  const open = new Set<Promise<void>>();
  let requests = 0;
  const nextProduct = () => products[requests % products.length]!.productId;

  /** Asks as a client should: who is turned away comes again when told to, three times at most. */
  const ask = async (what: string, send: () => Promise<Answer>) => {
    requests += 1;
    const began = Date.now();
    try {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await send();
        if (answer.status < 500) return answer;
        const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
        const { type, detail } = (answer.body ?? {}) as { type?: string; detail?: string };
        const said = `${what}: ${answer.status} ${type}: ${detail} after ${Date.now() - began} ms`;
        if (answer.status !== 503 || attempt === 4 || !(retryAfter <= 5)) {
          failures.push(said);
          return undefined;
        }
        turnedAway.push(said);
        await sleep(retryAfter * 1_000);
      }
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      failures.push(`${what}: ${message} ${cause?.message ?? ''} after ${Date.now() - began} ms`);
      return undefined;
    }
  };
  const browse = async () => void (await ask('browse', () => shop.call(`/api/v1/products/${nextProduct()}`)));
  const order = async () => {
    const [key, productId] = [randomUUID(), nextProduct()];
    for (let attempt = 0; attempt < (repeat ? 60 : 1); attempt += 1) {
      if (attempt > 0) await sleep(1_000);
      const answer = await ask('order', () => place(shop, person, productId, key));
      if (!answer) continue;
      if (answer.status === 201 || answer.status === 202)
        orders.push({ orderId: idOf(answer), status: answer.status, userId: person.id, key });
      else if (repeat && answer.status === 409) continue;
      else failures.push(`order: ${answer.status} ${JSON.stringify(answer.body)}`);
      return;
    }
  };
  const begin = (work: () => Promise<void>) => {
    const running = work().finally(() => open.delete(running));
    open.add(running);
  };
  const timers = [
    setInterval(() => begin(browse), 1_000 / browseRate).unref(),
    setInterval(() => begin(order), 1_000 / orderRate).unref(),
  ];
  return {
    person,
    /** Asks for all of these pages at once, as the person: more than one connection of a pool can serve. */
    async crowd(paths: readonly string[]): Promise<void> {
      await Promise.all(
        paths.map(async (path) => {
          const answer = await ask(path, () => shop.call(path, { token: person.token }));
          if (answer && answer.status !== 200) failures.push(`${path}: ${answer.status} ${answer.text}`);
        }),
      );
    },
    async stop(): Promise<TrafficReport> {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(open);
      if (turnedAway.length > 0)
        process.stderr.write(
          `of ${requests} requests ${turnedAway.length} were asked to come again:\n${[...new Set(turnedAway)].slice(0, 10).join('\n')}\n`,
        );
      return { requests, failures, orders };
    },
  };
}

const idOf = ({ body }: Answer) => (body as { id: string }).id;

const place = (shop: ShopClient, person: Person, productId: string, key: string) =>
  shop.call('/api/v1/orders', {
    method: 'POST',
    token: person.token,
    headers: { 'idempotency-key': key },
    json: { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' },
  });
