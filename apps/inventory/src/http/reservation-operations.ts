import { inventoryInternal, type Reservation } from '@bulkhead/contracts/inventory/api';
import { problem } from '@bulkhead/service/errors';
import { implement, type Operation, type RequestContext } from '@bulkhead/service/http/operation';
import type { MicroBatcher } from '@bulkhead/service/micro-batcher';
import type { InventoryDatabase } from '../database';
import type { Result } from '../ledger/apply-batch';
import type { Intent } from '../ledger/decide';
import { readReservation } from '../reservations/read-reservation';
import { mergeLines } from '../reservations/merge-lines';

export function reservationOperations(
  batcher: MicroBatcher<Intent, Result>,
  database: InventoryDatabase,
): Operation[] {
  const apply = async (intent: Intent, { deadline }: RequestContext) =>
    ({ status: 200, body: reservationOf(await batcher.submit(intent, deadline)) }) as const;

  return [
    implement(inventoryInternal.reserve, ({ params, body }, context) =>
      apply(
        {
          kind: 'reserve',
          orderId: params.orderId.toLowerCase(),
          lines: mergeLines(body.lines),
          ttlSeconds: body.ttlSeconds,
        },
        context,
      ),
    ),
    implement(inventoryInternal.get, async ({ params }) => ({
      status: 200,
      body: await readReservation(database, params.orderId),
    })),
    implement(inventoryInternal.commit, ({ params }, context) =>
      apply({ kind: 'commit', orderId: params.orderId.toLowerCase() }, context),
    ),
    implement(inventoryInternal.release, ({ params }, context) =>
      apply({ kind: 'release', orderId: params.orderId.toLowerCase() }, context),
    ),
  ];
}

/** @throws ProblemError if the outcome is a rejection */
function reservationOf(result: Result): Reservation {
  switch (result.kind) {
    case 'done':
      return result.reservation;
    case 'out-of-stock':
      throw problem('out-of-stock', {
        detail: 'Insufficient stock. Nothing was reserved.',
        extensions: { skus: result.skus },
      });
    case 'conflict':
      throw problem('conflict', {
        detail: `The reservation is ${result.state}.`,
        extensions: { state: result.state },
      });
    case 'unknown':
      throw problem('not-found', 'There is no reservation for this order.');
  }
}
