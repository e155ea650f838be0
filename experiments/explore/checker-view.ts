import { runChecks } from '@bulkhead/invariants/run-checks';
import { invariants } from '@bulkhead/invariants/invariants';
import type { ShopView } from '@bulkhead/invariants/shop-view';
import { explored, type Explored } from './databases';
import type { World } from './world';

/** Nothing is known here of catalog and accounts, nor of what clients were promised. */
const others = ['projections-agree', 'acknowledged-orders-exist', 'mails-arrive-once'];

/** Whom the check may expect to be there. */
export interface Known {
  /** Buyers who were not erased. */
  readonly buyers: string[];
  /** Orders that are left for a person, which the check reports on purpose, as it does payments that failed. */
  readonly givenUp: Set<string>;
}

/** The real check of the invariants over everything that a world has come to. @returns its offences, in words */
export async function checkWorld(world: World, { buyers, givenUp }: Known): Promise<string[]> {
  const view: ShopView = {
    services: explored,
    // Auth is asked only who there is.
    ask: async (service, text, values = []) =>
      service === 'auth'
        ? (buyers.map((id) => ({ id })) as never[])
        : (await world.databases[service as Explored].query<never>({ text, values })).rows,
    charges: async () => world.provider.book.all(),
    mailbox: undefined,
    queues: async () => [],
    deadLetters: async () => [],
    acknowledged: [],
    explained: new Set(),
    orderBoundMs: 16 * 60_000,
  };
  const failed = await world.databases.payment.query<{ orderId: string }>({
    text: `select order_id as "orderId" from payments where status = 'failed'`,
  });
  const expected = new Set([...givenUp, ...failed.rows.map(({ orderId }) => orderId)]);
  const chosen = invariants.filter(({ name }) => !others.includes(name));
  const report = await runChecks(view, 0, chosen);
  return report.invariants.flatMap(({ name, offences }) =>
    offences
      .filter(({ subject }) => !expected.has(subject))
      .map(({ subject, problem }) => `${name}: ${subject} ${problem}`),
  );
}
