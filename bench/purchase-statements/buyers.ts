import { randomUUID } from 'node:crypto';
import {
  buy,
  type Person,
  type PlentifulProduct,
  type ShopClient,
} from '@bulkhead/app/acceptance/src/client';

export interface Bought {
  readonly buyer: Person;
  readonly orderId: string;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const maxTries = 100;
/** No room just now, or a request with this key is still running. */
const mayRepeat = new Set([409, 429, 503]);

/** @throws Error when the order was refused for another reason than want of room */
async function buyOne(shop: ShopClient, buyer: Person, { productId }: PlentifulProduct): Promise<Bought> {
  const key = randomUUID();
  for (let tries = 1; ; tries++) {
    const { status, text } = await buy(shop, buyer, { productId, key });
    if (status < 300) return { buyer, orderId: (JSON.parse(text) as { id: string }).id };
    if (!mayRepeat.has(status) || tries === maxTries)
      throw new Error(`an order was answered with ${status}: ${text}`);
    await sleep(50 + Math.random() * 200);
  }
}

/** Each buyer places `each` orders, one after the other. */
export async function buyAll(
  shop: ShopClient,
  buyers: readonly Person[],
  products: readonly PlentifulProduct[],
  each: number,
): Promise<Bought[]> {
  const bought = await Promise.all(
    buyers.map(async (buyer, index) => {
      const orders: Bought[] = [];
      for (let made = 0; made < each; made++)
        orders.push(await buyOne(shop, buyer, products[(index + made) % products.length]!));
      return orders;
    }),
  );
  return bought.flat();
}

/** @throws Error when one of the orders is not confirmed */
export async function requireConfirmed(shop: ShopClient, orders: readonly Bought[]): Promise<void> {
  for (const { buyer, orderId } of orders) {
    const { text } = await shop.call(`/api/v1/orders/${orderId}`, { token: buyer.token });
    const { state } = JSON.parse(text) as { state: string };
    if (state !== 'confirmed') throw new Error(`order ${orderId} is ${state}, not confirmed`);
  }
}
