import { call, type Customer } from '../load/customers';
import type { Shop } from '../shop/shop';

const piecesMore = 500;

/** Puts so much on the shelves that nothing sells out while somebody looks. @param products ids */
export async function stockUp(shop: Shop, products: readonly string[]): Promise<void> {
  const { email, password } = shop.admin;
  const { tokens } = await signIn(shop.origin, { email, password });
  for (const id of products) {
    const { sku } = await call<{ sku: string }>(shop.origin, `/api/v1/products/${id}`);
    await call(shop.origin, `/api/v1/stock/${sku}/adjustments`, {
      token: tokens.accessToken,
      json: { delta: piecesMore, reason: 'stock for the story' },
    });
  }
}

/** Signs the same people in again, before their access tokens expire. */
export const renew = (origin: string, customers: readonly Customer[]): Promise<Customer[]> =>
  Promise.all(
    customers.map(async (customer) => {
      const { tokens } = await signIn(origin, customer);
      return { ...customer, token: tokens.accessToken };
    }),
  );

const signIn = (origin: string, { email, password }: Pick<Customer, 'email' | 'password'>) =>
  call<{ tokens: { accessToken: string } }>(origin, '/api/v1/auth/login', { json: { email, password } });
