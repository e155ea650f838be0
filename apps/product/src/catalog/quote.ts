import type { QuotedItem } from '@bulkhead/contracts/product/api';
import type { Queryable } from '@bulkhead/database/database';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';
import type { Deadline } from '@bulkhead/resilience/deadline';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';

interface QuotedRow {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  /** Minor units. */
  readonly price: number;
  readonly currency: string;
  readonly version: number;
}

/** On the hot path of each order: the client prepares no statement. $1 ids of products */
const productQuote = {
  name: 'product-quote',
  text: `select id, sku, name, price, currency, version from product
    where id in (select * from ${unnestParameters(['uuid'])}) and deleted_at is null`,
};

/**
 * The current price of each product of an order, without duplicates, and the ids of those that are not sold. Concurrent
 * quotes are combined into one statement.
 */
export type Quote = (
  productIds: readonly string[],
  deadline?: Deadline,
) => Promise<{ items: QuotedItem[]; unknown: string[] }>;

export function createQuote(database: Queryable): Quote {
  const reading = createMicroBatcher<readonly string[], ReadonlyMap<string, QuotedRow>>({
    maxBatch: 64,
    maxQueue: 10_000,
    concurrency: 2,
    isOutage: (error) => error instanceof DatabaseUnavailable || isContended(error),
    async run(asked) {
      const { rows } = await database.query<QuotedRow>({
        ...productQuote,
        values: [[...new Set(asked.flat())]],
      });
      const found = new Map(rows.map((row) => [row.id, row]));
      return asked.map(() => found);
    },
  });

  return async (productIds, deadline) => {
    const found = await reading.submit(productIds, deadline);
    const wanted = [...new Set(productIds)];
    return {
      items: wanted.flatMap((id) => {
        const row = found.get(id.toLowerCase());
        if (!row) return [];
        const { id: productId, sku, name, price: amount, currency, version } = row;
        return [{ productId, sku, name, price: { amount, currency }, version }];
      }),
      unknown: wanted.filter((id) => !found.has(id.toLowerCase())),
    };
  };
}
