import { createClient } from './shop/client';

let token: string | undefined;
const shop = createClient({ origin: process.argv[2]!, token: () => token });

const email = `${crypto.randomUUID()}@people.example`;
const person = { email, password: 'correct horse battery staple', name: 'Ada Lovelace' };
token = (await shop.call('post', '/api/v1/auth/register', { body: person })).body.tokens.accessToken;

const query = { inStock: true, sort: 'newest', limit: 20 } as const;
const { body: page } = await shop.call('get', '/api/v1/search', { query });
const items = [{ productId: page.items[0]!.productId, quantity: 1 }];

// The client makes a key where none is given; one of your own also holds after a crash.
const { body: placed } = await shop.call('post', '/api/v1/orders', {
  headers: { 'Idempotency-Key': crypto.randomUUID(), Prefer: 'respond-async' },
  body: { items, paymentMethod: 'pm_ok' },
});
const path = { orderId: placed.id };
// The stream of an order ends with its last transition.
for await (const { data } of shop.follow('/api/v1/orders/{orderId}/events', { path }))
  console.log(data.state);

const { body: order } = await shop.call('get', '/api/v1/orders/{orderId}', { path });
const { amount, currency } = order.total;
console.log(`${order.id}: ${order.status}, ${amount} ${currency}`);
