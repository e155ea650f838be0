import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import { type State } from '../saga/states';
import { orderRows, toOrderRow, type OrderRow, type TransitionRow, withLinesAndRefunds } from './order-view';
import { unnestParameters } from '@bulkhead/database/unnest-parameters';
import type { OrderDatabase } from '../database';
import type { OrderRefund } from '../generated/prisma/client';

export interface OrderFilter {
  readonly userId?: string | undefined;
  readonly states?: readonly State[] | undefined;
  /** Id of the last order of the previous page; newest first. */
  readonly before?: string | undefined;
}

/**
 * The client prepares no statement, and would send two parameters for each order. Arrays with one element per order: $1
 * orders, $2 users
 */
const ofUsers = {
  name: 'order-of-user',
  text: `${orderRows} where (id, user_id) in (select * from ${unnestParameters(['uuid', 'uuid'])})`,
};

/** Reads orders. */
export function createOrderReader(db: OrderDatabase) {
  const reading = createMicroBatcher<
    { readonly userId: string; readonly orderId: string },
    OrderRow | undefined
  >({
    maxBatch: 64,
    maxQueue: 10_000,
    concurrency: 2,
    isOutage: (error) => error instanceof DatabaseUnavailable || isContended(error),
    async run(asked) {
      const values = [asked.map(({ orderId }) => orderId), asked.map(({ userId }) => userId)];
      const { rows } = await db.query<OrderRow>({ ...ofUsers, values });
      const found = new Map(rows.map((row) => [`${row.id} ${row.user_id}`, row]));
      return asked.map(({ orderId, userId }) => found.get(`${orderId} ${userId}`));
    },
  });

  return {
    /** Concurrent reads are combined into one statement. */
    ofUser: (userId: string, orderId: string): Promise<OrderRow | undefined> =>
      reading.submit({ userId, orderId }),

    async list({ userId, states, before }: OrderFilter, limit: number): Promise<OrderRow[]> {
      const rows = await db.prisma.order.findMany({
        where: {
          ...(userId !== undefined && { userId }),
          ...(states !== undefined && { state: { in: [...states] } }),
          ...(before !== undefined && { id: { lt: before } }),
        },
        // Ids are UUIDv7, which sort by time.
        orderBy: { id: 'desc' },
        take: limit,
        include: withLinesAndRefunds,
      });
      return rows.map(toOrderRow);
    },

    /** For an order that is known to be the user's. */
    async timeline(orderId: string): Promise<TransitionRow[]> {
      const rows = await db.prisma.orderTransition.findMany({
        where: { orderId },
        orderBy: { sequence: 'asc' },
      });
      return rows.map((row) => ({ ...row, state: row.state as State }));
    },

    /** For an order that is known to be the user's; oldest first. */
    refunds: (orderId: string): Promise<OrderRefund[]> =>
      db.prisma.orderRefund.findMany({
        where: { orderId },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        take: 100,
      }),
  };
}

export type OrderReader = ReturnType<typeof createOrderReader>;
