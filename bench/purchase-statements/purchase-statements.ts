import {
  createShopClient,
  type Person,
  plentifulProducts,
  registerPeople,
} from '@bulkhead/app/acceptance/src/client';
import { makeDataDir, removeDataDir, startShop } from '@bulkhead/app/monolith/src/testing/running-shop';
import type { CountsBench } from '../bench';
import { buyAll, requireConfirmed } from './buyers';
import { byService, sumOf, type StatementCounts } from './statement-counts';
import { createStatementMeter } from './statement-meter';

/** Wanted of an order at many buyers. */
const most = 24;
const manyBuyers = 32;
const ordersOfOne = 60;
const ordersOfEach = 10;

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
      const meter = await createStatementMeter(admin);
      const measure = async (people: readonly Person[], each: number) => {
        const rounds = Math.max(1, Math.round(each * share));
        const { counts, made } = await meter(() => buyAll(client, people, products, rounds));
        await requireConfirmed(client, made);
        return counts;
      };
      const one = await measure(buyers.slice(0, 1), ordersOfOne);
      const many = await measure(buyers, ordersOfEach);
      return {
        kind: 'counts',
        counts: [
          { what: 'an order of one buyer alone', count: sumOf(one), detail: detailOf(one) },
          {
            what: `an order of ${manyBuyers} buyers at once`,
            count: sumOf(many),
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
