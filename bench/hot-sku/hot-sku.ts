import { createApplyBatch, type Result } from '@bulkhead/app/inventory/src/ledger/apply-batch';
import type { Intent } from '@bulkhead/app/inventory/src/ledger/decide';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import { InventoryConfig } from '@bulkhead/app/inventory/src/config';
import type { PooledDatabase } from '@bulkhead/database/pool';
import { randomIds } from '@bulkhead/service/ids';
import type { RatioBench } from '../bench';
import { countPerSecond } from '../callers';
import { compare, type Speed } from '../comparison';
import { createQuietOutbox } from '../outbox';
import { startPostgres } from '../postgres';
import { reserveByRowLock } from './row-lock';

/** Buyers who ask at the same time. */
const atOnce = 1_000;
/** More buyers than pieces, so that an oversale would show. */
const pieceShare = 0.9;

export const hotSku: RatioBench = {
  name: 'hot-sku',
  title: 'Everybody buys the same product, and there are fewer pieces than buyers',
  target: 20,
  async run({ pairs, share }) {
    const postgres = await startPostgres();
    try {
      const database = await postgres.open('inventory');
      const outbox = createQuietOutbox('inventory');
      const { RESERVATION_BATCH_SIZE, RESERVATION_QUEUE_LIMIT } = InventoryConfig.parse({});
      const batcher = createMicroBatcher<Intent, Result>({
        run: createApplyBatch({ database, outbox }),
        maxBatch: RESERVATION_BATCH_SIZE,
        maxQueue: RESERVATION_QUEUE_LIMIT,
        isOutage: () => true,
      });
      const rowLock = reserveByRowLock(database);
      const byBatch = async (orderId: string, sku: string) => {
        const lines = [{ sku, quantity: 1 }];
        const { kind } = await batcher.submit({ kind: 'reserve', orderId, lines, ttlSeconds: 900 });
        return kind === 'done';
      };
      const ratios = await compare({
        ours: { name: 'batches', measure: () => sellOut(database, 40_000 * share, byBatch) },
        theirs: { name: 'row locks', measure: () => sellOut(database, 1_500 * share, rowLock) },
        pairs,
      });
      return {
        kind: 'ratio',
        ours: 'inventory’s micro-batches',
        theirs: 'a transaction a reservation with the row locked',
        unit: 'reservations/s',
        ratios,
        checked: 'every run sold exactly what there was',
      };
    } finally {
      await postgres.stop();
    }
  },
};

async function sellOut(
  database: PooledDatabase,
  buyers: number,
  reserve: (orderId: string, sku: string) => Promise<boolean>,
): Promise<Speed> {
  const sku = `HOT-${randomIds.next().toUpperCase()}`;
  const pieces = Math.floor(buyers * pieceShare);
  await database.query({
    text: 'insert into stock (sku, on_hand) values ($1, $2)',
    values: [sku, pieces],
  });
  let left = buyers;
  let sold = 0;
  const buyer = async () => {
    while (left-- > 0) if (await reserve(randomIds.next(), sku)) sold += 1;
  };
  const speed = await countPerSecond(buyers, () => Promise.all(Array.from({ length: atOnce }, buyer)));

  const { rows } = await database.query<{ on_hand: number; reserved: number; held: number }>({
    text: `select on_hand, reserved,
        (select count(*) from reservation where lines @> jsonb_build_array(jsonb_build_object('sku', sku))) as held
      from stock where sku = $1`,
    values: [sku],
  });
  const [stock] = rows;
  if (!stock || sold !== pieces || stock.on_hand !== 0 || stock.reserved !== pieces || stock.held !== pieces)
    throw new Error(`${sold} of ${pieces} pieces were sold; the stock says ${JSON.stringify(stock)}`);
  await database.query({
    text: `delete from reservation where lines @> jsonb_build_array(jsonb_build_object('sku', $1::text))`,
    values: [sku],
  });
  return speed;
}
