import { setTimeout as sleep } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { paths } from './shop';

const shop = createClient<paths>({ baseUrl: process.argv[2]! });
let token: string | undefined;
shop.use({
  onRequest({ request }) {
    if (token) request.headers.set('authorization', `Bearer ${token}`);
  },
});

/** The body of a success. Any other response is thrown as the problem that it is (RFC 9457). */
function take<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error('The shop refused', { cause: error });
  return data;
}

const email = `${crypto.randomUUID()}@people.example`;
const person = { email, password: 'correct horse battery staple', name: 'Ada Lovelace' };
token = take(await shop.POST('/api/v1/auth/register', { body: person })).tokens.accessToken;

const query = { inStock: true, sort: 'newest', limit: 20 } as const;
const page = take(await shop.GET('/api/v1/search', { params: { query } }));
const items = [{ productId: page.items[0]!.productId, quantity: 1 }];

// Sent again with the same key, also after a crash, it buys nothing a second time.
const header = { 'Idempotency-Key': crypto.randomUUID(), Prefer: 'respond-async' };
const body = { items, paymentMethod: 'pm_ok' };
const { id: orderId } = take(await shop.POST('/api/v1/orders', { params: { header }, body }));
const readOrder = async () =>
  take(await shop.GET('/api/v1/orders/{orderId}', { params: { path: { orderId } } }));
let order = await readOrder();
while (order.status === 'pending') {
  await sleep(200);
  order = await readOrder();
}

const { amount, currency } = order.total;
console.log(`${order.id}: ${order.status}, ${amount} ${currency}`);
