import type { Invariant, Offence } from '../invariant';
import { endingsOf, readOrders } from '../orders';
import type { ShopView } from '../shop-view';

interface Told {
  readonly orderId: string;
  readonly template: string;
  readonly count: number;
}

export const endingsAreToldOnce: Invariant = {
  name: 'endings-are-told-once',
  sentence:
    'Of every end of an order its buyer is told exactly once in the shop, and exactly one mail is queued.',
  async check(shop) {
    const [orders, shown, queued, forgotten] = await Promise.all([
      readOrders(shop),
      readTold(shop, 'notification'),
      readTold(shop, 'mail'),
      readForgotten(shop),
    ]);
    const expected = orders
      .filter(({ id, userId }) => !forgotten.has(userId) && !forgotten.has(id))
      .flatMap((order) =>
        endingsOf(order).map(({ state, at }) => ({ id: order.id, template: `order-${state}`, at })),
      );
    return {
      examined: expected.length,
      offences: [
        ...compare(expected, shown, { how: 'told in the shop', wanted: 'exactly once', keptMs: yearMs }),
        ...compare(expected, queued, { how: 'mailed', wanted: 'by one mail', keptMs: 30 * dayMs }),
      ],
    };
  },
};

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

interface Ended {
  readonly id: string;
  readonly template: string;
  /** ms since 1970 */
  readonly at: number;
}

interface Telling {
  readonly how: string;
  readonly wanted: string;
  /** After this notification may have forgotten it; see its pruning. */
  readonly keptMs: number;
}

function compare(
  expected: readonly Ended[],
  told: readonly Told[],
  { how, wanted, keptMs }: Telling,
): Offence[] {
  const counts = new Map(told.map(({ orderId, template, count }) => [`${orderId} ${template}`, count]));
  const offences: Offence[] = [];
  const forgottenBefore = Date.now() - keptMs;
  for (const { id, template, at } of expected) {
    const key = `${id} ${template}`;
    const count = counts.get(key) ?? 0;
    counts.delete(key);
    const isPruned = count === 0 && at < forgottenBefore;
    if (count !== 1 && !isPruned)
      offences.push({ subject: id, problem: `${template} was ${how} ${count} times, not ${wanted}` });
  }
  for (const [each, count] of counts) {
    const [subject = '', template] = each.split(' ');
    offences.push({
      subject,
      problem: `${template} was ${how} ${count} times, but the order did not end so`,
    });
  }
  return offences;
}

const readTold = (shop: ShopView, table: 'notification' | 'mail') =>
  shop.ask<Told>(
    'notification',
    `select facts ->> 'orderId' as "orderId", template, count(*)::int as count from ${table}
      where template like 'order-%' group by 1, 2`,
  );

/** People who were erased, and the orders that no longer know whose they are: their messages went with them. */
async function readForgotten(shop: ShopView): Promise<Set<string>> {
  const [mailboxes, orders] = await Promise.all([
    shop.ask<{ id: string }>(
      'notification',
      'select user_id::text as id from mailbox where erased_at is not null',
    ),
    // An erased person's orders each belong to a stand-in, which no account and no mailbox has.
    shop.services.includes('order') ? standIns(shop) : [],
  ]);
  return new Set([...mailboxes.map(({ id }) => id), ...orders]);
}

async function standIns(shop: ShopView): Promise<string[]> {
  const [buyers, accounts] = await Promise.all([
    shop.ask<{ id: string; userId: string }>(
      'order',
      'select id::text, user_id::text as "userId" from orders',
    ),
    shop.ask<{ id: string }>('auth', 'select id::text from accounts'),
  ]);
  const known = new Set(accounts.map(({ id }) => id));
  return buyers.filter(({ userId }) => !known.has(userId)).map(({ id }) => id);
}
