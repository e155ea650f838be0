import { randomUUID } from 'node:crypto';

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

/** A call of the shop's API that must succeed: for preparing a run. @throws Error with the answer otherwise */
export async function call<T>(origin: string, path: string, init: CallInit = {}): Promise<T> {
  const { token, json, method = json === undefined ? 'GET' : 'POST', headers = {} } = init;
  const response = await fetch(new URL(path, origin), {
    method,
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const { retries = 5 } = init;
  if (response.status === 503 && retries > 0) {
    // A shop that has just started may be busy with itself; it says when to come again.
    await new Promise((resolve) =>
      setTimeout(resolve, 1_000 * Number(response.headers.get('retry-after') ?? 1)),
    );
    return call(origin, path, { ...init, retries: retries - 1 });
  }
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

interface CallInit {
  /** How often 503 is answered by coming again. Default 5. */
  readonly retries?: number;
  readonly token?: string;
  readonly json?: unknown;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Registers so many people, as people do. */
export async function registerCustomers(origin: string, count: number): Promise<Customer[]> {
  const register = async (): Promise<Customer> => {
    const email = `${randomUUID()}@people.example`;
    const password = randomUUID();
    const { user, tokens } = await call<{ user: { id: string }; tokens: { accessToken: string } }>(
      origin,
      '/api/v1/auth/register',
      { json: { email, password, name: 'Grace Hopper' } },
    );
    return { id: user.id, email, password, token: tokens.accessToken };
  };
  const customers: Customer[] = [];
  // A few at a time: each costs a hash.
  for (let made = 0; made < count; made += 4)
    customers.push(...(await Promise.all(Array.from({ length: Math.min(4, count - made) }, register))));
  return customers;
}

interface ProductPage {
  readonly items: readonly { readonly productId: string; readonly sku: string }[];
}

/** A shop that has just started fills its catalog and its stock by itself. */
const filledWithinMs = 60_000;
const lookEveryMs = 250;

/**
 * So many products of the example catalog of which there is plenty, most plentiful first, as soon as the shop has them.
 * @throws Error when it has not within a minute
 */
export async function plentifulProducts(origin: string, count: number): Promise<string[]> {
  const until = performance.now() + filledWithinMs;
  for (;;) {
    const found = await inStock(origin);
    if (found.length >= count) return found.slice(0, count);
    if (performance.now() > until)
      throw new Error(`the shop has ${found.length} products in stock, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

async function inStock(origin: string): Promise<string[]> {
  const { items } = await call<ProductPage>(origin, '/api/v1/products?limit=100');
  const found: { productId: string; available: number }[] = [];
  for (const { productId, sku } of items) {
    const stock = await call<{ available: number }>(origin, `/api/v1/stock/${sku}`).catch(() => undefined);
    if (stock && stock.available > 0) found.push({ productId, available: stock.available });
  }
  return found.sort((one, other) => other.available - one.available).map(({ productId }) => productId);
}
