import { setTimeout as sleep } from 'node:timers/promises';
import { getOrder, placeOrder, register, searchProducts } from './shop';
import { client } from './shop/client.gen';

let token: string | undefined;
client.setConfig({ baseUrl: process.argv[2]!, auth: () => token, throwOnError: true });
const throwOnError = true;

const email = `${crypto.randomUUID()}@people.example`;
const person = { email, password: 'correct horse battery staple', name: 'Ada Lovelace' };
token = (await register({ body: person, throwOnError })).data.tokens.accessToken;

const query = { inStock: true, sort: 'newest', limit: 20 } as const;
const { data: page } = await searchProducts({ query, throwOnError });
const items = [{ productId: page.items[0]!.productId, quantity: 1 }];

// Sent again with the same key, also after a crash, it buys nothing a second time.
const headers = { 'Idempotency-Key': crypto.randomUUID(), Prefer: 'respond-async' };
const body = { items, paymentMethod: 'pm_ok' };
const { data: placed } = await placeOrder({ headers, body, throwOnError });
const readOrder = async () => (await getOrder({ path: { orderId: placed.id }, throwOnError })).data;
let order = await readOrder();
while (order.status === 'pending') {
  await sleep(200);
  order = await readOrder();
}

const { amount, currency } = order.total;
console.log(`${order.id}: ${order.status}, ${amount} ${currency}`);
