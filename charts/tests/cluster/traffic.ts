import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Person,
  plentifulProducts,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';

export interface AcknowledgedOrder {
  readonly orderId: string;
  readonly status: 201 | 202;
  readonly userId: string;
  readonly key: string;
}

export interface TrafficReport {
  readonly requests: number;
  /** What was asked, and how it failed: no answer, or a 5xx. */
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
  const person = await register(shop);
  // Enough of them that none is sold out while the traffic lasts.
  const products = await plentifulProducts(shop, 10);
  const failures: string[] = [];
  const orders: AcknowledgedOrder[] = [];
  const open = new Set<Promise<void>>();
  let requests = 0;
  const nextProduct = () => products[requests % products.length]!.productId;

  const ask = async (what: string, send: () => Promise<{ status: number; body: { id: string } }>) => {
    requests += 1;
    const began = Date.now();
    try {
      const answer = await send();
      if (answer.status < 500) return answer;
      failures.push(`${what}: ${answer.status} after ${Date.now() - began} ms`);
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      failures.push(`${what}: ${message} ${cause?.message ?? ''} after ${Date.now() - began} ms`);
    }
    return undefined;
  };
  const browse = async () => void (await ask('browse', () => shop.call(`/api/v1/products/${nextProduct()}`)));
  const order = async () => {
    const [key, productId] = [randomUUID(), nextProduct()];
    for (let attempt = 0; attempt < (repeat ? 60 : 1); attempt += 1) {
      if (attempt > 0) await sleep(1_000);
      const answer = await ask('order', () => place(shop, person, productId, key));
      if (!answer) continue;
      if (answer.status === 201 || answer.status === 202)
        orders.push({ orderId: answer.body.id, status: answer.status, userId: person.id, key });
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
    async stop(): Promise<TrafficReport> {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(open);
      return { requests, failures, orders };
    },
  };
}

const place = (shop: ShopClient, person: Person, productId: string, key: string) =>
  shop.call('/api/v1/orders', {
    method: 'POST',
    token: person.token,
    headers: { 'idempotency-key': key },
    json: { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' },
  });
