import type { Invariant, Offence } from '../invariant';
import { readOrders } from '../orders';

export const acknowledgedOrdersExist: Invariant = {
  name: 'acknowledged-orders-exist',
  sentence: 'Every order that a client was promised (201 or 202) exists, and one answered 201 was confirmed.',
  skip: ({ acknowledged }) =>
    acknowledged.length === 0 ? 'no log of acknowledgements was given (--acknowledged FILE)' : undefined,
  async check(shop) {
    const orders = new Map((await readOrders(shop)).map((order) => [order.id, order]));
    const offences = shop.acknowledged.flatMap(({ orderId, status }): Offence[] => {
      const order = orders.get(orderId);
      if (!order)
        return [{ subject: orderId, problem: `was answered ${status}, but there is no such order` }];
      if (status === 201 && !order.timeline.some(({ state }) => state === 'confirmed'))
        return [
          { subject: orderId, problem: `was answered 201, but is ${order.state} and never was confirmed` },
        ];
      return [];
    });
    return { examined: shop.acknowledged.length, offences };
  },
};
