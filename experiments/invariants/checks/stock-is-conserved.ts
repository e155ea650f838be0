import { findImbalances } from '@bulkhead/app/inventory/src/stock/find-imbalances';
import type { Invariant } from '../invariant';

export const stockIsConserved: Invariant = {
  name: 'stock-is-conserved',
  sentence:
    'Of every SKU, on hand + reserved + sold is what the movements sum to; reserved and sold are what reservations say; nothing is, or ever was, negative.',
  async check(shop) {
    const [stock, imbalances, negative] = await Promise.all([
      shop.ask<{ count: number }>('inventory', 'select count(*)::int as count from stock'),
      findImbalances({
        query: async ({ text, values }) => {
          const rows = await shop.ask<never>('inventory', text, values);
          return { rows, rowCount: rows.length };
        },
      }),
      shop.ask<{ sku: string; place: string }>(
        'inventory',
        `select sku, 'stock' as place from stock where least(on_hand, reserved, sold) < 0
        union all
        select sku, 'movement ' || id from movement where least(after_on_hand, after_reserved, after_sold) < 0`,
      ),
    ]);
    return {
      examined: stock[0]!.count,
      offences: [
        ...imbalances.map(({ sku, counted, moved, reserved, held, sold, committed }) => ({
          subject: sku,
          problem: `counted ${counted}, movements ${moved}; reserved ${reserved}, held ${held}; sold ${sold}, committed ${committed}`,
        })),
        ...negative.map(({ sku, place }) => ({ subject: sku, problem: `is negative in ${place}` })),
      ],
    };
  },
};
