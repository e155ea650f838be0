import type { Invariant, Offence } from '../invariant';
import type { AcknowledgedOrder } from '../acknowledged';

export const oneEffectPerKey: Invariant = {
  name: 'one-effect-per-key',
  sentence:
    'One Idempotency-Key, one order: clients that repeated a key were told of the same order, a key names an order that exists, and no order has two.',
  async check(shop) {
    const [kept, astray] = await Promise.all([
      shop.ask<{ count: number }>('order', 'select count(*)::int as count from idempotency_key'),
      shop.ask<{ orderId: string; keys: number; exists: boolean }>(
        'order',
        `select key.order_id as "orderId", count(*)::int as keys, bool_and(orders.id is not null) as exists
          from idempotency_key key left join orders on orders.id = key.order_id
          group by key.order_id having count(*) > 1 or bool_or(orders.id is null)`,
      ),
    ]);
    const offences: Offence[] = astray.map(({ orderId, keys, exists }) => ({
      subject: orderId,
      problem: exists ? `was placed under ${keys} keys` : 'a key names it, but there is no such order',
    }));
    return {
      examined: Math.max(kept[0]!.count, shop.acknowledged.length),
      offences: [...offences, ...ambiguous(shop.acknowledged)],
    };
  },
};

function ambiguous(acknowledged: readonly AcknowledgedOrder[]): Offence[] {
  const withKey = acknowledged.filter(({ key }) => key !== undefined);
  const byKey = Map.groupBy(withKey, ({ userId, key }) => `${userId ?? ''} ${key}`);
  return [...byKey.values()].flatMap((responses) => {
    const orders = new Set(responses.map(({ orderId }) => orderId));
    if (orders.size === 1) return [];
    return [
      { subject: responses[0]!.key!, problem: `this key was answered with ${[...orders].join(' and ')}` },
    ];
  });
}
