import { createWriteOrders, type NewOrder } from '@bulkhead/app/order/src/place/write-orders';
import { writeLimits } from '@bulkhead/app/order/src/app';
import type { Database } from '@bulkhead/database/database';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import { createQuietOutbox } from '../outbox';

/** As the order service does it: what is asked for at the same time goes in one statement. */
export function commitInBatches(database: Database) {
  const outbox = createQuietOutbox('order');
  const writing = createMicroBatcher<NewOrder, boolean>({
    ...writeLimits,
    run: createWriteOrders({ database, outbox, keyLeaseMs: 3_500, expiryMs: 900_000 }),
    isOutage: () => true,
  });
  return async (order: NewOrder) => {
    if (!(await writing.submit(order))) throw new Error('the order was not written');
  };
}
