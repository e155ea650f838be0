import { PrismaClient } from '@bulkhead/app/order/src/generated/prisma/client';
import { withPrisma } from '@bulkhead/database/prisma';
import type { PooledDatabase } from '@bulkhead/database/pool';
import type { RatioBench } from '../bench';
import { callsPerSecond } from '../callers';
import { compare } from '../comparison';
import { startPostgres } from '../postgres';
import { commitInBatches } from './batched';
import { commitInInteractiveTransaction } from './interactive-transaction';
import { newOrder } from './new-order';

const concurrency = 32;

export const orderCommit: RatioBench = {
  name: 'order-commit',
  title: 'Committing an order: idempotency key, order, two lines, timeline, event',
  target: 8,
  async run({ pairs, seconds }) {
    const postgres = await startPostgres();
    try {
      const database = await postgres.open('order');
      const { prisma } = withPrisma(database, (adapter) => new PrismaClient({ adapter }));
      const ours = commitInBatches(database);
      const theirs = commitInInteractiveTransaction(prisma);
      const ratios = await compare({
        ours: {
          name: 'batches',
          measure: () => callsPerSecond(concurrency, seconds * 1_000, () => ours(newOrder())),
        },
        theirs: {
          name: 'transaction',
          measure: () => callsPerSecond(concurrency, seconds * 1_000, () => theirs(newOrder())),
        },
        pairs,
      });
      const checked = await checkOrders(database);
      await prisma.$disconnect();
      return {
        kind: 'ratio',
        ours: 'the orders of one moment in one statement',
        theirs: 'Prisma’s interactive $transaction, on the same pool',
        unit: 'orders/s',
        ratios,
        checked,
      };
    } finally {
      await postgres.stop();
    }
  },
};

/** Both ways leave the same rows behind. */
async function checkOrders(database: PooledDatabase): Promise<string> {
  const { rows } = await database.query<{ orders: number; whole: number }>({
    text: `with line as (select order_id from order_line group by order_id having count(*) = 2)
      select (select count(*) from orders) as orders,
        (select count(*) from orders
          join line on line.order_id = orders.id
          join order_transition on order_transition.order_id = orders.id and sequence = 1
          join idempotency_key on idempotency_key.order_id = orders.id) as whole,
        (select count(*) from outbox) as events`,
  });
  const { orders, whole, events } = rows[0] as { orders: number; whole: number; events: number };
  if (orders === 0 || orders !== whole || orders !== events)
    throw new Error(`of ${orders} orders ${whole} are whole, with ${events} events`);
  return `all ${orders.toLocaleString('en')} orders whole`;
}
