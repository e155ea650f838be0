import type { Invariant, Offence } from '../invariant';
import { type AuditedOrder, endingsOf, readOrders } from '../orders';

export const ordersEndOnce: Invariant = {
  name: 'orders-end-once',
  sentence:
    'Every order is in exactly one end, reached within the bound: confirmed, rejected, cancelled or expired; only a confirmed one may go on, to refunded.',
  async check(shop) {
    const orders = await readOrders(shop);
    return { examined: orders.length, offences: orders.flatMap((order) => judge(order, shop.orderBoundMs)) };
  },
};

function judge(order: AuditedOrder, boundMs: number): Offence[] {
  const ends = endingsOf(order);
  const offence = (problem: string): Offence[] => [{ subject: order.id, problem }];
  if (ends.at(-1)?.state !== order.state) return offence(`is ${order.state}, which is no end`);
  const path = ends.map(({ state }) => state).join(', ');
  // A cancel may meet a capture that had won: then the money goes back without the order ever being confirmed.
  if (ends.length > 1 && path !== 'confirmed, refunded') return offence(`ended more than once: ${path}`);
  const tookMs = ends[0]!.at - order.createdAt;
  if (tookMs > boundMs && !order.timeline.some(({ state }) => state === 'needs_attention'))
    return offence(`took ${Math.round(tookMs / 1000)} s to its end, over ${Math.round(boundMs / 1000)} s`);
  return [];
}
