import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { Database } from '@bulkhead/database/database';
import { problem } from '@bulkhead/service/errors';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import type { Command, Outcome } from '../reservations/commands';
import type { Reservations } from '../reservations/reservations';

interface Parts {
  readonly reservations: Reservations;
  readonly database: Database;
}

const readAvailability = {
  name: 'inventory-availability',
  text: 'select sku, on_hand as available, version from stock where sku = any($1::text[])',
};

export function internalOperations({ reservations, database }: Parts): readonly Operation[] {
  const carryOut = async (command: Command) => answer(command.orderId, await reservations.carryOut(command));
  return [
    implement(inventoryInternal.reserve, ({ params, body }) =>
      carryOut({ kind: 'reserve', ...params, ...body }),
    ),
    implement(inventoryInternal.commit, ({ params }) => carryOut({ kind: 'commit', ...params })),
    implement(inventoryInternal.release, ({ params }) => carryOut({ kind: 'release', ...params })),
    implement(inventoryInternal.availability, async ({ body }) => {
      const { rows } = await database.query<{ sku: string; available: number; version: number }>({
        ...readAvailability,
        values: [body.skus],
      });
      return { status: 200, body: { items: rows } };
    }),
  ];
}

/** @throws ProblemError out-of-stock, conflict or not-found */
function answer(orderId: string, outcome: Outcome) {
  switch (outcome.kind) {
    case 'state': {
      const { state, expiresAt } = outcome;
      return { status: 200 as const, body: { orderId, state, expiresAt: expiresAt?.toISOString() ?? null } };
    }
    case 'out-of-stock':
      throw problem('out-of-stock', { extensions: { skus: outcome.skus } });
    case 'conflict':
      throw problem('conflict', {
        detail: `The reservation is ${outcome.state}.`,
        extensions: { state: outcome.state },
      });
    case 'not-found':
      throw problem('not-found', 'There is no reservation of this order.');
  }
}
