import { isFinal, type State } from '@bulkhead/app/order/src/saga/states';
import { withClient } from '@bulkhead/database/admin-client';
import { openShop } from '@bulkhead/invariants/open-shop';
import { type CheckReport, runChecks } from '@bulkhead/invariants/run-checks';
import type { AcknowledgedOrder } from '../load/samples';
import type { Shop } from '../shop/shop';

/** What became of the orders that the shop had taken. */
export interface Settlement {
  readonly acknowledged: number;
  /** Of these, in no final state when time was up. */
  readonly unfinished: number;
  /** Of these, not in the shop's books at all. */
  readonly lost: number;
  /** How many ended in which state. */
  readonly states: Readonly<Record<string, number>>;
  /** From the end of the load until all had ended, in ms; undefined when they had not. */
  readonly settledAfterMs: number | undefined;
  /** What must be true of everything that the shop keeps; see docs/invariants.md. */
  readonly invariants: CheckReport;
}

const askEveryMs = 250;

/** Waits until every acknowledged order has come to an end, at most `withinMs`. */
export async function settle(
  shop: Shop,
  orders: readonly AcknowledgedOrder[],
  { withinMs, explained }: { readonly withinMs: number; readonly explained: readonly string[] },
): Promise<Settlement> {
  const url = shop.databases.get('order')?.ownerUrl;
  if (!url) throw new Error('order has no database');
  const ids = orders.map(({ orderId }) => orderId);
  const startedAt = performance.now();
  for (;;) {
    const rows = await withClient(url, async (client) => {
      const result = await client.query<{ id: string; state: State }>(
        'select id, state from orders where id = any($1)',
        [ids],
      );
      return result.rows;
    });
    const unfinished = rows.filter(({ state }) => !isFinal(state)).length;
    const lost = ids.length - rows.length;
    const elapsed = performance.now() - startedAt;
    const done = unfinished === 0;
    if (done || elapsed > withinMs) {
      const states: Record<string, number> = {};
      for (const { state } of rows) states[state] = (states[state] ?? 0) + 1;
      return {
        acknowledged: ids.length,
        unfinished,
        lost,
        states,
        settledAfterMs: done ? elapsed : undefined,
        invariants: await check(shop, orders, explained, withinMs),
      };
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

async function check(
  shop: Shop,
  orders: readonly AcknowledgedOrder[],
  explained: readonly string[],
  patienceMs: number,
): Promise<CheckReport> {
  const databases = Object.fromEntries([...shop.databases].map(([name, { ownerUrl }]) => [name, ownerUrl]));
  const view = openShop(
    {
      databases,
      ...(shop.brokerUrl === undefined ? {} : { broker: { url: shop.brokerUrl } }),
      providerUrl: shop.provider.url,
      mailbox: shop.mailbox,
    },
    {
      explained,
      acknowledged: orders.map(({ orderId, userId, status }) => ({
        orderId,
        userId,
        status: status === 201 ? 201 : 202,
      })),
    },
  );
  try {
    return await runChecks(view, patienceMs);
  } finally {
    await view.close();
  }
}
