import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Person, ShopClient } from '@bulkhead/app/acceptance/src/client';
import { visitor } from './visitor';

export interface AcknowledgedOrder {
  readonly orderId: string;
  readonly status: 201 | 202;
  readonly userId: string;
  readonly key: string;
}

export interface TrafficReport {
  readonly requests: number;
  /**
   * What was asked, and how it failed: no response, or a 5xx. Being asked to come again is not it: a 503 with `Retry-After`,
   * or a 409 while the request that is repeated is still in progress.
   */
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

const maxAttempts = 6;

/** People who come at a fixed rate, whether or not the shop keeps up, until `stop`. */
export async function startTraffic(shop: ShopClient, options: TrafficOptions = {}) {
  const { browseRate = 8, orderRate = 2, repeat = false } = options;
  const { person, products } = await visitor(shop);
  const failures: string[] = [];
  const turnedAway: string[] = [];
  const orders: AcknowledgedOrder[] = [];
  const open = new Set<Promise<void>>();
  let requests = 0;
  const nextProduct = () => products[requests % products.length]!.productId;

  /** Asks as a client should: who is asked to come again does so when told to, and gives up after a few times. */
  const ask = async (what: string, send: () => Promise<Answer>) => {
    requests += 1;
    const began = Date.now();
    try {
      for (let attempt = 1; ; attempt += 1) {
        const response = await send();
        const { type, detail } = (response.body ?? {}) as { type?: string; detail?: string };
        const isInProgress = type === 'urn:bulkhead:problem:idempotency-in-progress';
        if (response.status < 500 && !isInProgress) return response;
        const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
        const said = `${what}: ${response.status} ${type}: ${detail} after ${Date.now() - began} ms`;
        const isToComeAgain = response.status === 503 || isInProgress;
        if (!isToComeAgain || attempt === maxAttempts || !(retryAfter <= 5)) {
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
      const response = await ask('order', () => place(shop, person, productId, key));
      if (!response) continue;
      if (response.status === 201 || response.status === 202)
        orders.push({ orderId: idOf(response), status: response.status, userId: person.id, key });
      else failures.push(`order: ${response.status} ${JSON.stringify(response.body)}`);
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
          const response = await ask(path, () => shop.call(path, { token: person.token }));
          if (response && response.status !== 200)
            failures.push(`${path}: ${response.status} ${response.text}`);
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
