import { createHash } from 'node:crypto';
import { exampleStock } from '@bulkhead/contracts/product/catalog-seed';
import { isUniqueViolation } from '@bulkhead/database/errors';
import type { Job } from '@bulkhead/service/runtime/jobs';
import type { Dependencies } from '@bulkhead/service/service';
import { addSku } from './add-sku';
import { changeStock, lockStockRow, type StockRow } from './change-stock';

const onceADayMs = 24 * 3600 * 1000;

/**
 * Gives the example products their first pieces, each by a movement whose id follows from the SKU: however often it
 * runs, in however many replicas, it happens once.
 */
export function seedJob({
  database,
  outbox,
  logger,
}: Pick<Dependencies, 'database' | 'outbox' | 'logger'>): Job {
  return {
    name: 'seed-stock',
    everyMs: onceADayMs,
    async run(signal) {
      const { rows } = await database.query<{ movement_id: string }>({
        text: 'select movement_id from movement where movement_id = any($1::uuid[])',
        values: [Object.keys(exampleStock).map(seedMovementId)],
      });
      const done = new Set(rows.map(({ movement_id }) => movement_id));
      let count = 0;
      for (const [sku, quantity] of Object.entries(exampleStock)) {
        signal.throwIfAborted();
        if (quantity === 0 || done.has(seedMovementId(sku))) continue;
        await database
          .transaction(async (tx) => {
            await addSku(tx, sku, outbox);
            const locked = await tx.query<StockRow>({ ...lockStockRow, values: [sku] });
            const change = {
              movementId: seedMovementId(sku),
              delta: quantity,
              reason: 'example stock',
              idempotencyKey: null,
            };
            await changeStock(tx, locked.rows[0]!, change, outbox);
            count += 1;
          })
          .catch((error: unknown) => {
            if (!isUniqueViolation(error, 'movement_pkey')) throw error;
          });
      }
      if (count > 0) logger.info({ count }, 'example stock is there');
    },
  };
}

/** A UUID version 8 (RFC 9562 §5.8) made of the SKU's hash. */
function seedMovementId(sku: string): string {
  const hash = createHash('sha256').update(`seed:${sku}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
