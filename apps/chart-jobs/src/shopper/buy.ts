import { randomUUID } from 'node:crypto';
import { untilItWorks } from '../provision/until-it-works';
import type { Answer, Shop } from './shop';

export interface Purchase {
  readonly orderId: string;
  readonly status: string;
}

const patienceMs = 60_000;

/**
 * Registers, finds something that is in stock, buys it, and waits until it is confirmed and the customer has been told:
 * every service of the shop takes part.
 * @param say is told each step
 * @throws Error naming the step that went wrong, and what was answered
 */
export async function buy(shop: Shop, say: (line: string) => void): Promise<Purchase> {
  const token = await register(shop);
  say('registered');
  const product = await untilItWorks(patienceMs, 'the catalog', () => findSomething(shop));
  say(`found ${product.name}`);
  const orderId = await placeOrder(shop, token, product.productId);
  const status = await untilItWorks(patienceMs, 'the order', () => ended(shop, token, orderId));
  if (status !== 'confirmed') throw new Error(`the order ended ${status}`);
  say('bought');
  await untilItWorks(patienceMs, 'notifications', () => told(shop, token));
  say('told');
  await untilItWorks(patienceMs, 'the profile', async () =>
    expectStatus(await shop.send('GET', '/me', { token }), 200),
  );
  await untilItWorks(patienceMs, 'search', async () =>
    expectStatus(await shop.send('GET', `/search?q=${encodeURIComponent(product.name)}`), 200),
  );
  say('profile and search answer');
  return { orderId, status };
}

async function register(shop: Shop): Promise<string> {
  const email = `shopper-${randomUUID()}@shop.example`;
  const body = { email, password: `a long ${randomUUID()}`, name: 'A Shopper' };
  const response = await untilItWorks(patienceMs, 'registering', async () =>
    expectStatus(await shop.send('POST', '/auth/register', { body }), 201),
  );
  const token = findToken(response.body);
  if (!token) throw new Error('registering gave no access token');
  return token;
}

const findToken = (body: Record<string, unknown>): string | undefined => {
  const tokens = (body['tokens'] ?? body) as Record<string, unknown>;
  return typeof tokens['accessToken'] === 'string' ? tokens['accessToken'] : undefined;
};

interface Found {
  readonly productId: string;
  readonly name: string;
}

async function findSomething(shop: Shop): Promise<Found> {
  const { body } = expectStatus(await shop.send('GET', '/products?limit=50'), 200);
  const { items } = body as unknown as { items: Found[] };
  for (const item of items) {
    const page = expectStatus(await shop.send('GET', `/products/${item.productId}`), 200);
    const { availability } = page.body as { availability?: { status: string } };
    if (availability?.status === 'in-stock') return item;
  }
  throw new Error(`none of ${items.length} products is in stock`);
}

async function placeOrder(shop: Shop, token: string, productId: string): Promise<string> {
  const body = { items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' };
  const key = randomUUID();
  const response = await untilItWorks(patienceMs, 'placing the order', async () => {
    const attempt = await shop.send('POST', '/orders', { body, token, key });
    return attempt.status === 202 ? attempt : expectStatus(attempt, 201);
  });
  return String(response.body['id']);
}

async function ended(shop: Shop, token: string, orderId: string): Promise<string> {
  const { body } = expectStatus(await shop.send('GET', `/orders/${orderId}`, { token }), 200);
  if (body['status'] === 'pending') throw new Error('still pending');
  return String(body['status']);
}

async function told(shop: Shop, token: string): Promise<void> {
  const { body } = expectStatus(await shop.send('GET', '/notifications', { token }), 200);
  const { items } = body as { items?: unknown[] };
  if (!items?.length) throw new Error('no message yet');
}

function expectStatus(response: Answer, status: number): Answer {
  if (response.status === status) return response;
  throw new Error(
    `${status} expected, answered ${response.status} ${JSON.stringify(response.body).slice(0, 500)}`,
  );
}
