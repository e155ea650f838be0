import type { Queryable } from '@bulkhead/database/database';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import { type State, transitions } from '../saga/states';
import { type OrderRow, orderRows, type RefundRow, type TransitionRow } from './order-view';

export interface OrderFilter {
  readonly userId?: string | undefined;
  readonly states?: readonly State[] | undefined;
  /** Id of the last order of the page before; newest come first. */
  readonly before?: string | undefined;
}

/** Arrays with an element for each: $1 orders, $2 users */
const ofUsers = {
  name: 'order-of-user',
  text: `${orderRows} where (id, user_id) in (select * from unnest($1::uuid[], $2::uuid[]))`,
};

/** Ids are UUIDv7, which sort by time. $1 user or null, $2 states, $3 id of the last one seen or null, $4 limit */
const many = {
  name: 'order-list',
  text: `${orderRows}
    where ($1::uuid is null or user_id = $1) and state = any ($2::text[]) and ($3::uuid is null or id < $3)
    order by id desc limit $4`,
};

/** The same for one user, so that even the first plan walks the user's own index. */
const manyOfUser = {
  name: 'order-list-of-user',
  text: `${orderRows}
    where user_id = $1 and state = any ($2::text[]) and ($3::uuid is null or id < $3)
    order by id desc limit $4`,
};

const timeline = {
  name: 'order-timeline',
  text: `select sequence, state, reason, at from order_transition
    where order_id = $1 order by sequence`,
};

const refunds = {
  name: 'order-refunds',
  text: `select id, amount, status, created_at, changed_at from order_refund
    where order_id = $1 order by created_at, id limit 100`,
};

const allStates = Object.keys(transitions) as State[];

/** Reads orders. */
export function createOrderReader(db: Queryable) {
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
    /** What many ask for at the same moment is one statement. */
    ofUser: (userId: string, orderId: string): Promise<OrderRow | undefined> =>
      reading.submit({ userId, orderId }),

    async list({ userId, states, before }: OrderFilter, limit: number): Promise<OrderRow[]> {
      const { rows } = await db.query<OrderRow>({
        ...(userId === undefined ? many : manyOfUser),
        values: [userId ?? null, states ?? allStates, before ?? null, limit],
      });
      return rows;
    },

    /** Of an order that was found to be the user's. */
    async timeline(orderId: string): Promise<TransitionRow[]> {
      const { rows } = await db.query<TransitionRow>({ ...timeline, values: [orderId] });
      return rows;
    },

    /** Of an order that was found to be the user's; oldest first. */
    async refunds(orderId: string): Promise<RefundRow[]> {
      const { rows } = await db.query<RefundRow>({ ...refunds, values: [orderId] });
      return rows;
    },
  };
}

export type OrderReader = ReturnType<typeof createOrderReader>;
