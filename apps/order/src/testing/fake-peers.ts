import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { paymentInternal } from '@bulkhead/contracts/payment/api';
import { productInternal } from '@bulkhead/contracts/product/api';
import type { ServiceName } from '@bulkhead/contracts/services';
import { problem } from '@bulkhead/service/errors';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { z } from 'zod';
import { createPayments } from './fake-payments';
import type { FakeShop } from './fake-shop';

const service = (name: ServiceName, operations: readonly Operation[]): ServiceDefinition => ({
  name,
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({ operations }),
});

const none = '00000000-0000-0000-0000-000000000000';

/**
 * The peers of order as real services over HTTP, held to the same contracts, with their state in memory and with
 * injectable faults.
 */
export function createFakePeers(shop: FakeShop) {
  /** Injects the shop's faults into a call. A rejection after it took effect is, to the caller, an unknown outcome. */
  async function through<T>(operation: string, orderId: string, act: () => T): Promise<T> {
    shop.calls.push(`${operation} ${orderId}`);
    await shop.before(operation, orderId);
    const fault = shop.fault(operation, orderId);
    if (fault === 'refuse') throw problem('unavailable');
    const result = act();
    await shop.after(operation, orderId);
    if (fault === 'act-then-drop') throw problem('unavailable');
    return result;
  }

  const payments = createPayments(shop);
  const pay = (operation: 'capture' | 'void' | 'refund') => (orderId: string) =>
    through(operation, orderId, () => payments[operation](orderId));

  const product = service('product', [
    implement(productInternal.quote, async ({ body }, { deadline }) =>
      through('quote', none, () => {
        shop.quotedWithin.push(deadline.remainingMs());
        const ids = body.items.map(({ productId }) => productId.toLowerCase());
        const items = ids
          .flatMap((id) => shop.products.get(id) ?? [])
          .map((each) => ({ ...each, version: 1 }));
        const unknown = ids.filter((id) => !shop.products.has(id));
        return { status: 200 as const, body: { items, unknown } };
      }),
    ),
  ]);

  const response = (orderId: string, state: 'held' | 'committed' | 'released' | 'expired') => ({
    status: 200 as const,
    body: { orderId, state, expiresAt: null },
  });

  const inventory = service('inventory', [
    implement(inventoryInternal.reserve, async ({ params: { orderId }, body: { lines } }) =>
      through('reserve', orderId, () => {
        const known = shop.reservations.get(orderId);
        if (known) return response(orderId, known.state);
        const skus = lines
          .filter(({ sku, quantity }) => (shop.stock.get(sku) ?? 0) - shop.taken(sku) < quantity)
          .map(({ sku }) => sku);
        if (skus.length > 0) throw problem('out-of-stock', { extensions: { skus } });
        shop.reservations.set(orderId, { state: 'held', lines });
        return response(orderId, 'held');
      }),
    ),
    implement(inventoryInternal.get, async ({ params: { orderId } }) =>
      through('get', orderId, () => ({
        status: 200 as const,
        body: { orderId, state: shop.reservations.get(orderId)?.state ?? null },
      })),
    ),
    implement(inventoryInternal.commit, async ({ params: { orderId } }) =>
      through('commit', orderId, () => {
        const known = shop.reservations.get(orderId);
        if (!known) throw problem('not-found');
        if (known.state === 'released' || known.state === 'expired') throw problem('conflict');
        known.state = 'committed';
        return response(orderId, 'committed');
      }),
    ),
    implement(inventoryInternal.release, async ({ params: { orderId } }) =>
      through('release', orderId, () => {
        const known = shop.reservations.get(orderId) ?? { state: 'released', lines: [] };
        if (known.state !== 'expired') known.state = 'released';
        shop.reservations.set(orderId, known);
        return response(orderId, known.state);
      }),
    ),
  ]);

  const payment = service('payment', [
    implement(paymentInternal.authorise, async ({ params: { orderId }, body: { amount, paymentMethod } }) =>
      through('authorise', orderId, () => payments.begin(orderId, amount, paymentMethod)),
    ),
    implement(paymentInternal.capture, ({ params }) => pay('capture')(params.orderId)),
    implement(paymentInternal.void, ({ params }) => pay('void')(params.orderId)),
    implement(paymentInternal.refund, ({ params }) => pay('refund')(params.orderId)),
  ]);

  return { product, inventory, payment, profile: shop.erasures.profile };
}
