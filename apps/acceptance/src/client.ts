import { randomUUID } from 'node:crypto';

/** An answer of the shop as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where there is none. */
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly raw?: string | Uint8Array;
}

/** What was said in one call: as it was sent, and as it was answered. */
export interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, where it was JSON. */
  readonly sent: unknown;
  readonly received: unknown;
}

/** A client of the shop that knows nothing but its address. */
export interface ShopClient {
  readonly origin: string;
  call(path: string, call?: Call): Promise<Answer>;
}

const patienceMs = 20_000;

/** @param overhear told of every call once it is answered */
export function createShopClient(origin: string, overhear?: (exchange: Exchange) => void): ShopClient {
  return {
    origin,
    async call(path, { method = 'GET', token, headers = {}, json, raw } = {}) {
      const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
      const allHeaders = {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      };
      const response = await fetch(new URL(path, origin), {
        method,
        headers: allHeaders,
        ...(body === undefined ? {} : { body: body as never }),
        signal: AbortSignal.timeout(patienceMs),
        redirect: 'manual',
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      const received = isJson && text ? JSON.parse(text) : undefined;
      overhear?.({ headers: allHeaders, sent: json, received });
      return { status: response.status, headers: response.headers, text, body: received };
    },
  };
}

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** Registers somebody new. */
export async function register(shop: ShopClient, name = 'Grace Hopper'): Promise<Person> {
  const email = `${randomUUID()}@people.example`;
  const password = randomUUID();
  const response = await shop.call('/api/v1/auth/register', {
    method: 'POST',
    json: { email, password, name },
  });
  if (response.status !== 201)
    throw new Error(`registering was answered with ${response.status}: ${response.text}`);
  const { user, tokens } = response.body;
  return { id: user.id, email, password, token: tokens.accessToken, refreshToken: tokens.refreshToken };
}

/** Registers so many, a few at a time: each costs a hash, and a shop turns away more at once than it can do. */
export async function registerPeople(shop: ShopClient, count: number): Promise<Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const few = Math.min(4, count - people.length);
    people.push(...(await Promise.all(Array.from({ length: few }, () => register(shop)))));
  }
  return people;
}

export interface Purchase {
  readonly productId: string;
  readonly quantity?: number;
  readonly paymentMethod?: string;
  readonly key?: string;
  readonly more?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export const buy = (shop: ShopClient, person: Person, purchase: Purchase): Promise<Answer> =>
  shop.call('/api/v1/orders', {
    method: 'POST',
    token: person.token,
    headers: { 'idempotency-key': purchase.key ?? randomUUID(), ...purchase.headers },
    json: {
      items: [{ productId: purchase.productId, quantity: purchase.quantity ?? 1 }],
      paymentMethod: purchase.paymentMethod ?? 'pm_ok',
      ...purchase.more,
    },
  });

export interface PlentifulProduct {
  readonly productId: string;
  readonly sku: string;
  readonly price: { readonly amount: number; readonly currency: string };
}

/** A product of which there is plenty. */
export const plentifulProduct = async (shop: ShopClient): Promise<PlentifulProduct> =>
  (await plentifulProducts(shop, 1))[0]!;

/** As many products of which there is plenty, at least 100 of each. */
export async function plentifulProducts(shop: ShopClient, count: number): Promise<PlentifulProduct[]> {
  const found: PlentifulProduct[] = [];
  let path: string | null = '/api/v1/products?limit=100';
  while (path) {
    const { status, body, text }: Answer = await shop.call(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    for (const product of body.items) {
      const stock = await shop.call(`/api/v1/stock/${product.sku}`);
      if (stock.status !== 200 && stock.status !== 404)
        throw new Error(`stock of ${product.sku}: ${stock.status} ${stock.text}`);
      if (stock.body.available >= 100) found.push(product);
      if (found.length === count) return found;
    }
    path = body.next;
  }
  throw new Error(`the shop has plenty of only ${found.length} products, not of ${count}`);
}

/** A product that is sold out. */
export async function soldOutProduct(shop: ShopClient): Promise<{ productId: string; sku: string }> {
  let path: string | null = '/api/v1/search?limit=100&inStock=false';
  while (path) {
    const { body }: Answer = await shop.call(path);
    for (const product of body.items) {
      const stock = await shop.call(`/api/v1/stock/${product.sku}`);
      if (stock.status === 200 && stock.body.available === 0) return product;
    }
    path = body.next;
  }
  throw new Error('the shop has something of everything');
}
