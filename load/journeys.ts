import { randomUUID } from 'node:crypto';
import type { Product } from './catalog';
import type { Measurements, Outcome } from './measurements';
import { sleep } from './open-loop';
import type { Person } from './people';
import { type Answer, outcomeOf, type Shop } from './shop';

/** What the journeys of a run share. */
export interface World {
  readonly shop: Shop;
  readonly measurements: Measurements;
  readonly products: readonly Product[];
  readonly people: readonly Person[];
}

const turn = <T>(values: readonly T[], index: number): T => values[index % values.length]!;

/** What people look for; one in five is mistyped. */
const words = ['kettle', 'cable', 'lamp', 'tea', 'ketle'];

/** One page view: of 20, five are lists of the catalog, six searches, nine products. */
export async function browse(world: World, dueAt: number, index: number): Promise<void> {
  const { shop, products } = world;
  // Scattered by a prime, so that neighbours differ.
  const kind = (index * 7) % 20;
  if (kind < 5) return void (await shop.call('catalog list', dueAt, { path: '/api/v1/products?limit=20' }));
  if (kind < 11)
    return void (await shop.call('search', dueAt, {
      path: `/api/v1/search?q=${turn(words, index)}&limit=20`,
    }));
  const path = `/api/v1/products/${turn(products, index * 31).productId}`;
  await shop.call('product page', dueAt, { path });
}

/** Somebody looks at a product, buys it, and follows the order to its end. One card in 20 is declined. */
export async function buy(world: World, dueAt: number, index: number): Promise<void> {
  const product = turn(world.products, index * 31);
  const path = `/api/v1/products/${product.productId}`;
  await world.shop.call('product page', dueAt, { path });
  // What came before delays the order only if it was late itself: a person orders when they have the page.
  await order(world, performance.now(), index, product);
}

/** Places one order and follows it. `order` is the first answer, `settled` the end, both from the intended start. */
export async function order(world: World, dueAt: number, index: number, product: Product): Promise<void> {
  const { shop, measurements, people } = world;
  const person = turn(people, index);
  let token: string;
  try {
    token = await person.token();
  } catch {
    measurements.record('order', 'failed', dueAt);
    measurements.explain('order: the access token could not be renewed');
    return;
  }
  const response = await shop.call('order', dueAt, {
    path: '/api/v1/orders',
    method: 'POST',
    token,
    headers: { 'idempotency-key': randomUUID() },
    json: {
      items: [{ productId: product.productId, quantity: 1 }],
      paymentMethod: index % 20 === 19 ? 'pm_declined' : 'pm_ok',
    },
  });
  if (response.status === 202) await follow(world, dueAt, response, token);
  // An order that was not taken has not to settle.
  else if (response.status === 201 || response.status === 402)
    measurements.record('settled', outcomeOf(response), dueAt);
}

const followMs = 60_000;
const status = (response: Answer) => (response.body as { status?: string } | undefined)?.status;
const reason = (response: Answer) => (response.body as { reason?: string | null } | undefined)?.reason;

/** Asks for a pending order until it has ended. */
async function follow({ shop, measurements }: World, dueAt: number, placed: Answer, token: string) {
  const path = String(placed.headers['location']);
  const until = performance.now() + followMs;
  let latest = placed;
  while (performance.now() < until) {
    const wait = Number(latest.headers['retry-after'] ?? 1);
    await sleep(Math.min(Math.max(wait, 0.5), 5) * 1_000);
    latest = await shop.call('order status', performance.now(), { path, token });
    const state = latest.status === 200 ? status(latest) : undefined;
    if (state === undefined || state === 'pending') continue;
    return measurements.record('settled', endOf(state, reason(latest)), dueAt);
  }
  measurements.record('settled', 'failed', dueAt);
  measurements.explain(`settled: still pending after ${followMs / 1_000} s`);
}

const endOf = (state: string, why: string | null | undefined): Outcome => {
  if (state === 'confirmed') return 'ok';
  return why === 'out-of-stock' ? 'out-of-stock' : 'declined';
};
