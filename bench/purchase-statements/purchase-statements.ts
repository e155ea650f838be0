import {
  createShopClient,
  type Person,
  plentifulProducts,
  registerPeople,
} from '@bulkhead/app/acceptance/src/client';
import { makeDataDir, removeDataDir, startShop } from '@bulkhead/app/monolith/src/testing/running-shop';
import type { CountsBench } from '../bench';
import { buyAll, requireConfirmed } from './buyers';
import { byService, difference, readStatementCounts, type StatementCounts } from './statement-counts';

/** Wanted of an order at many buyers. */
const most = 24;
const manyBuyers = 32;
const ordersOfOne = 60;
const ordersOfEach = 10;
const idleMs = 8_000;
const lookEveryMs = 1_000;
const restsWithinMs = 60_000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const purchaseStatements: CountsBench = {
  name: 'purchase-statements',
  title: 'SQL statements of a confirmed order in one process, until its mail is sent and its webhooks are in',
  async run({ share }) {
    const dataDir = await makeDataDir();
    const shop = await startShop({
      command: 'monolith',
      dataDir,
      environment: { NODE_ENV: 'development', LOG_LEVEL: 'warn', OPS: 'off' },
    });
    try {
      const { admin } = shop;
      const client = createShopClient(shop.origin);
      const products = await plentifulProducts(client, 12);
      const buyers = await registerPeople(client, manyBuyers);
      await buyAll(client, buyers.slice(0, 4), products, 1);
      const ofReading = await statementsOfReading(admin);
      const idle = await idleRates(admin);

      const measure = async (people: readonly Person[], each: number) => {
        const before = await readStatementCounts(admin);
        const startedAt = performance.now();
        const orders = await buyAll(client, people, products, Math.max(1, Math.round(each * share)));
        const after = await readAtRest(admin, idle);
        const found = difference(before, after);
        for (const key of ofReading) found.delete(key);
        const counts = perOrder(found, idle, performance.now() - startedAt, orders.length);
        await requireConfirmed(client, orders);
        return counts;
      };
      const one = await measure(buyers.slice(0, 1), ordersOfOne);
      const many = await measure(buyers, ordersOfEach);
      return {
        kind: 'counts',
        counts: [
          { what: 'an order of one buyer alone', count: sum(one), detail: detailOf(one) },
          {
            what: `an order of ${manyBuyers} buyers at once`,
            count: sum(many),
            most,
            detail: detailOf(many),
          },
        ],
      };
    } finally {
      await shop.stop();
      await removeDataDir(dataDir);
    }
  },
};

/** What reading the metrics asks the databases itself. */
async function statementsOfReading(admin: string): Promise<Set<string>> {
  const found: Set<string>[] = [];
  for (let before = await readStatementCounts(admin); found.length < 4;) {
    const after = await readStatementCounts(admin);
    found.push(new Set(difference(before, after).keys()));
    before = after;
  }
  const [first = new Set<string>(), ...others] = found;
  return new Set([...first].filter((key) => others.every((keys) => keys.has(key))));
}

/** Executions in a second of what runs without any order: sweeps, watches. They are not an order's. */
async function idleRates(admin: string): Promise<StatementCounts> {
  await sleep(idleMs / 2);
  const before = await readStatementCounts(admin);
  await sleep(idleMs);
  const found = difference(before, await readStatementCounts(admin));
  return new Map([...found].map(([key, count]) => [key, (count / idleMs) * 1_000]));
}

/** @throws Error when orders still cause statements after a minute */
async function readAtRest(admin: string, idle: StatementCounts): Promise<StatementCounts> {
  const until = performance.now() + restsWithinMs;
  let before = await readStatementCounts(admin);
  for (;;) {
    await sleep(lookEveryMs);
    const after = await readStatementCounts(admin);
    const caused = [...difference(before, after).keys()].filter((key) => !idle.has(key));
    if (caused.length === 0) return after;
    if (performance.now() > until) throw new Error(`no rest yet: ${caused.join(', ')}`);
    before = after;
  }
}

const perOrder = (found: StatementCounts, idle: StatementCounts, ms: number, orders: number) =>
  new Map(
    [...found].map(([key, count]) => [
      key,
      Math.max(0, count - ((idle.get(key) ?? 0) * ms) / 1_000) / orders,
    ]),
  );

const sum = (counts: StatementCounts) => [...counts.values()].reduce((total, count) => total + count, 0);

/** Each service's sum, and its statements. */
function detailOf(counts: StatementCounts): string {
  const dearestFirst = (found: StatementCounts) => [...found].sort(([, one], [, other]) => other - one);
  return dearestFirst(byService(counts))
    .filter(([, total]) => total >= 0.05)
    .map(([service, total]) => {
      const own = new Map([...counts].filter(([key]) => key.startsWith(`${service} `)));
      const statements = dearestFirst(own)
        .filter(([, count]) => count >= 0.05)
        .map(([key, count]) => `${key.slice(service.length + 1)} ${count.toFixed(1)}`);
      return `${service} ${total.toFixed(1)} (${statements.join(', ')})`;
    })
    .join('; ');
}
