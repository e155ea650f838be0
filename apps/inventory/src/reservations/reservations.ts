import type { Dependencies } from '@bulkhead/service/service';
import { createBatcher } from './batcher';
import type { Command, Outcome } from './commands';
import { runBatch } from './run-batch';

const maxBatch = 500;
const maxWaiting = 5_000;
const expiriesPerRun = 200;

/** The one way in which stock of orders changes. */
export interface Reservations {
  carryOut(command: Command): Promise<Outcome>;
  /** Gives back what was held for longer than its time, a bounded number at a time. */
  expireOverdue(): Promise<void>;
  idle(): Promise<void>;
}

export function createReservations({
  database,
  outbox,
}: Pick<Dependencies, 'database' | 'outbox'>): Reservations {
  const batcher = createBatcher<Command, Outcome>({
    run: (commands) => runBatch(commands, { database, outbox }),
    maxBatch,
    maxWaiting,
  });
  return {
    carryOut: (command) => batcher.add(command),
    async expireOverdue() {
      const { rows } = await database.query<{ order_id: string }>({
        name: 'inventory-overdue',
        text: `select order_id from reservation where state = 'held' and expires_at <= clock_timestamp()
          order by expires_at limit $1`,
        values: [expiriesPerRun],
      });
      await Promise.all(rows.map(({ order_id }) => batcher.add({ kind: 'expire', orderId: order_id })));
    },
    idle: () => batcher.idle(),
  };
}
