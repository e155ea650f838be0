import {
  type Person,
  type PlentifulProduct,
  plentifulProducts,
  register,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';
import { eventually } from '@bulkhead/testing/eventually';

/**
 * Products of which there is plenty: none of them is sold out by a test's orders. Waits for them: the example products and
 * their stock are created after the pods are ready, and a shop that was changed a moment ago may respond 503. Repeated every
 * few seconds only, since looking at all of them once is half of what the gateway allows one client at once.
 */
export const openForBusiness = (shop: ShopClient, count = 10): Promise<PlentifulProduct[]> =>
  eventually(() => plentifulProducts(shop, count), { timeoutMs: 90_000, everyMs: 5_000 });

/** A new person and what they may buy; waits for a shop that responds 503 as {@link openForBusiness} does. */
export async function visitor(
  shop: ShopClient,
): Promise<{ person: Person; products: readonly PlentifulProduct[] }> {
  const person = await eventually(() => register(shop), { timeoutMs: 60_000, everyMs: 1_000 });
  return { person, products: await openForBusiness(shop) };
}
