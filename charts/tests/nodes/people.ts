import { randomUUID } from 'node:crypto';
import type { ShopClient } from '@bulkhead/app/acceptance/src/client';
import type { Sample } from '../../../experiments/load/samples';
import type { AcknowledgedOrder } from '../cluster/traffic';
import { visitor } from '../cluster/visitor';

export interface PeopleReport {
  readonly samples: readonly Sample[];
  readonly orders: readonly AcknowledgedOrder[];
  /** How long they came, in ms. */
  readonly lastedMs: number;
}

const orderRate = 2;
const words = ['cable', 'lamp', 'desk', 'phone', 'chair', 'mug', 'bag', 'light', 'stand', 'book'];
const attempts = 5;

export interface PeopleOptions {
  /** How many look at a product a second. Default 10. */
  readonly browseRate?: number;
  /** Who looks at a product has searched before. Default: found it without. */
  readonly searching?: boolean;
}

/**
 * People who look at products and order at a fixed rate, whether or not the shop keeps up. Every request is a sample. An
 * order that got no response, or was asked to come again, is repeated with its key by a person who waits a second.
 */
export async function startPeople(
  shop: ShopClient,
  { browseRate = 10, searching = false }: PeopleOptions = {},
) {
  const { person, products } = await visitor(shop);
  const samples: Sample[] = [];
  const orders: AcknowledgedOrder[] = [];
  const open = new Set<Promise<void>>();
  const began = Date.now();
  let turn = 0;
  const next = () => products[(turn += 1) % products.length]!.productId;

  const sample = async (kind: Sample['kind'], send: () => ReturnType<ShopClient['call']>) => {
    const at = Date.now() - began;
    const response = await send().catch(() => undefined);
    samples.push({ kind, at, latencyMs: Date.now() - began - at, status: response?.status ?? 0 });
    return response;
  };
  const browse = async () => {
    const productId = next();
    const word = words[turn % words.length]!;
    if (searching) await sample('search', () => shop.call(`/api/v1/search?q=${word}&limit=20`));
    await sample('browse', () => shop.call(`/api/v1/products/${productId}`));
  };
  const order = async () => {
    const [key, productId] = [randomUUID(), next()];
    const json = { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' };
    const headers = { 'idempotency-key': key };
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const response = await sample('order', () =>
        shop.call('/api/v1/orders', { method: 'POST', token: person.token, headers, json }),
      );
      if (response?.status === 201 || response?.status === 202) {
        const { id } = response.body as { id: string };
        orders.push({ orderId: id, status: response.status, userId: person.id, key });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  };
  const begin = (work: () => Promise<void>) => {
    const running = work().finally(() => open.delete(running));
    open.add(running);
  };
  const every = (rate: number, work: () => Promise<void>) => setInterval(() => begin(work), 1_000 / rate);
  let browsing = every(browseRate, browse);
  const ordering = every(orderRate, order);
  return {
    /** From now on so many look at a product a second, and search before if these people do. */
    browseAt(rate: number): void {
      clearInterval(browsing);
      browsing = every(rate, browse);
    },
    /** ms since they began to come. */
    now: () => Date.now() - began,
    async stop(): Promise<PeopleReport> {
      clearInterval(browsing);
      clearInterval(ordering);
      const lastedMs = Date.now() - began;
      await Promise.all(open);
      return { samples, orders, lastedMs };
    },
  };
}
