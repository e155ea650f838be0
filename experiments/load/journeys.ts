import type { LoadPlan } from './plan';
import { pick } from './random';
import type { RequestClass } from './samples';

export interface Ask {
  (
    kind: RequestClass,
    path: string,
    init?: { readonly token?: string; readonly key?: string; readonly json?: unknown },
  ): Promise<{ readonly status: number; readonly json: () => unknown }>;
}

/** What one person does from coming to leaving: requests one after the other, each on the answer of the one before. */
export type Journey = (ask: Ask, visit: Visit) => Promise<BoughtOrder | undefined>;

export interface Visit {
  readonly plan: LoadPlan;
  readonly random: () => number;
  /** Is it for the product that everybody wants? */
  readonly hot: boolean;
}

export interface BoughtOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly status: number;
}

const words = ['cable', 'lamp', 'desk', 'phone', 'chair', 'mug', 'bag', 'light', 'stand', 'book'];
const signInShare = 0.2;

/** No answer, or a failure of the shop's own: whether there is an order is not known, and the key makes asking again safe. */
const mayRepeat = (status: number) => status === 0 || status >= 500 || status === 409;
const repeatAfterMs = 1_000;

const browse: Journey = async (ask, { plan: { products }, random }) => {
  if (random() < 0.4) await ask('browse', '/api/v1/products?limit=20');
  else await ask('browse', `/api/v1/products/${pick(products, random)}`);
  return undefined;
};

const search: Journey = async (ask, { random }) => {
  await ask('search', `/api/v1/search?q=${pick(words, random)}&limit=10`);
  return undefined;
};

const buy: Journey = async (ask, { plan, random, hot }) => {
  const customer = pick(plan.customers, random);
  const productId = hot ? plan.products[0]! : pick(plan.products, random);
  const paymentMethod = pick(plan.paymentMethods ?? ['pm_ok'], random);
  const key = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(36)).join('-');
  const { email, password } = customer;
  if (random() < signInShare) await ask('sign-in', '/api/v1/auth/login', { json: { email, password } });
  await ask('browse', `/api/v1/products/${productId}`);
  const order = () =>
    ask('order', '/api/v1/orders', {
      token: customer.token,
      key: `load-${key}`,
      json: { items: [{ productId, quantity: 1 }], paymentMethod },
    });
  let response = await order();
  for (let retries = plan.buyerRetries ?? 0; retries > 0 && mayRepeat(response.status); retries--) {
    await new Promise((resolve) => setTimeout(resolve, repeatAfterMs));
    response = await order();
  }
  if (response.status !== 201 && response.status !== 202) return undefined;
  const { id } = response.json() as { id: string };
  return { orderId: id, userId: customer.id, status: response.status };
};

const account: Journey = async (ask, { plan: { customers }, random }) => {
  await ask('account', '/api/v1/orders?limit=10', { token: pick(customers, random).token });
  return undefined;
};

export const journeys = { browse, search, buy, account };
