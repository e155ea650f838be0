import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { claim, findExpired, forgetBuyer, lockSaga, pause, readSaga, wake } from './claim.sql';
import type { Move, Saga } from './saga';
import { eventsOf } from './saga-events';
import { type Ending, isLegal, isWorking, type State, workingStates } from './states';
import { transition } from './transition.sql';

/**
 * A runner that is active when an event arrives usually knows the same already. After this time, in ms, it is assumed
 * to be waiting for a response that does not come.
 */
export const newsGraceMs = 500;

/** Who continues a saga after a transition, and how long until another may take it over. */
export interface Lease {
  readonly owner: string;
  readonly ms: number;
}

/** A transition of an order as it was read. */
export interface AskedMove {
  readonly saga: Saga;
  readonly move: Move;
  readonly lease?: Lease | undefined;
}

export interface Pausing {
  readonly ms: number;
  readonly giveUpAfterMs: number;
  /** What the buyer has to do meanwhile. */
  readonly nextActionUrl?: string | undefined;
  /** The peer was not called, so this does not count as an attempt. */
  readonly untried?: boolean;
}

interface SagaRow {
  readonly id: string;
  readonly user_id: string;
  readonly buyer_erased: boolean;
  readonly state: State;
  readonly version: number;
  readonly total_amount: number;
  readonly currency: string;
  readonly payment_method: string | null;
  readonly payment_begun: boolean;
  readonly ending: Ending | null;
  readonly ending_reason: string | null;
  readonly attention_from: State | null;
  readonly lease_owner: string | null;
  readonly attempt: number;
  readonly traceparent: string | null;
  readonly lines: { sku: string; quantity: number }[];
}

const toSaga = (row: SagaRow): Saga => ({
  id: row.id,
  userId: row.user_id,
  buyerErased: row.buyer_erased,
  state: row.state,
  version: row.version,
  total: { amount: row.total_amount, currency: row.currency },
  lines: row.lines,
  paymentMethod: row.payment_method ?? undefined,
  paymentBegun: row.payment_begun,
  ending: row.ending ?? undefined,
  endingReason: row.ending_reason ?? undefined,
  attentionFrom: row.attention_from ?? undefined,
  leaseOwner: row.lease_owner ?? undefined,
  attempt: row.attempt,
  traceparent: row.traceparent ?? undefined,
});

/** The statements of the saga, each on a pool or within a transaction. */
export function createSagaStore(outbox: Outbox, leaseMs: (state: State) => number) {
  /**
   * `move` for several orders, in one statement.
   * @returns for each what `move` returns; of two moves of one order the second is undefined
   */
  async function moveAll(db: Queryable, asked: readonly AskedMove[]): Promise<(Saga | undefined)[]> {
    for (const { saga, move } of asked)
      if (!isLegal(saga.state, move.to)) throw new Error(`no order goes from ${saga.state} to ${move.to}`);
    const firsts = [...new Map(asked.toReversed().map((one) => [one.saga.id, one])).values()];
    const of = <T>(value: (one: AskedMove) => T): T[] => firsts.map(value);
    const events = firsts.flatMap(({ saga, move }) => eventsOf(saga, move));
    const { rows } = await db.query<{ id: string }>({
      ...transition,
      values: [
        of(({ saga }) => saga.id),
        of(({ saga }) => saga.version),
        of(({ saga }) => saga.state),
        of(({ move }) => move.to),
        of(({ move }) => move.reason ?? null),
        of((one) => ownerAfter(one) ?? null),
        of((one) => (ownerAfter(one) === undefined ? 0 : Math.round(one.lease?.ms ?? 0))),
        of(({ move }) => !isWorking(move.to)),
        of(({ move }) => move.ending ?? null),
        of(({ move }) => (move.lackingSkus?.length ? JSON.stringify(move.lackingSkus) : null)),
        of(({ saga }) => saga.userId),
        outbox.rows(events),
        firsts.every(isRepeatable),
      ],
    });
    const moved = new Set(rows.map(({ id }) => id));
    const made = new Set(firsts.filter(({ saga }) => moved.has(saga.id)));
    if (events.length > 0 && made.size > 0) outbox.wake();
    return asked.map((one) => (made.has(one) ? sagaAfter(one) : undefined));
  }

  return {
    /**
     * Makes a transition if the order is still as in `saga`, and wakes the relay if it published an event.
     * @param lease of the next runner; without one any may continue, immediately
     * @returns the saga after it, or undefined when another was faster
     * @throws Error for an illegal transition: a bug
     */
    async move(db: Queryable, saga: Saga, move: Move, lease?: Lease): Promise<Saga | undefined> {
      return (await moveAll(db, [{ saga, move, lease }]))[0];
    },

    moveAll,

    /** @param userId for a user's request: only an order of theirs */
    async read(db: Queryable, orderId: string, userId?: string): Promise<Saga | undefined> {
      const { rows } = await db.query<SagaRow>({ ...readSaga, values: [orderId, userId ?? null] });
      return rows[0] && toSaga(rows[0]);
    },

    /** Reads and locks an order until the transaction ends. */
    async lock(tx: Transaction, orderId: string): Promise<Saga | undefined> {
      const { rows } = await tx.query<SagaRow>({ ...lockSaga, values: [orderId] });
      return rows[0] && toSaga(rows[0]);
    },

    /** Claims up to `limit` overdue sagas, or only `orderId` if it is overdue. */
    async claim(db: Queryable, owner: string, limit: number, orderId?: string): Promise<Saga[]> {
      const leases = JSON.stringify(
        Object.fromEntries(workingStates.map((state) => [state, leaseMs(state)] as const)),
      );
      const { rows } = await db.query<SagaRow>({ ...claim, values: [owner, limit, leases, orderId ?? null] });
      return rows.map(toSaga);
    },

    /** Releases the saga for a while. @returns whether it has been in one state for longer than `giveUpAfterMs` */
    async pause(db: Queryable, saga: Saga, owner: string, pausing: Pausing): Promise<{ overdue: boolean }> {
      const { ms, giveUpAfterMs, nextActionUrl, untried = false } = pausing;
      const { rows } = await db.query<{ overdue: boolean }>({
        ...pause,
        values: [saga.id, saga.version, owner, Math.round(ms), nextActionUrl ?? null, giveUpAfterMs, untried],
      });
      return { overdue: rows[0]?.overdue ?? false };
    },

    /** Orders that have been pending for too long. */
    async findExpired(db: Queryable, limit: number): Promise<Saga[]> {
      const { rows } = await db.query<SagaRow>({ ...findExpired, values: [limit] });
      return rows.map(toSaga);
    },

    /** Removes the buyer from all their orders, and locks these until the transaction ends. @returns the orders */
    async forgetBuyer(tx: Transaction, userId: string): Promise<Saga[]> {
      const { rows } = await tx.query<SagaRow>({ ...forgetBuyer, values: [userId] });
      return rows.map(toSaga);
    },

    /**
     * Wakes sagas in a state that waits for this event: immediately, or after `newsGraceMs` if they have a runner.
     * @param isAll whether the transaction does nothing else: if no saga waits for the event, it has no effect that a
     *   crash of the server could lose, and its commit does not wait for the disk
     * @returns for those, the ms until they continue at the latest
     */
    async wake(
      db: Queryable,
      news: readonly { readonly orderId: string; readonly states: readonly State[] }[],
      isAll = false,
    ): Promise<ReadonlyMap<string, { readonly inMs: number }>> {
      const pairs = news.flatMap(({ orderId, states }) => states.map((state) => [orderId, state] as const));
      const { rows } = await db.query<{ id: string; leased: boolean }>({
        ...wake,
        values: [pairs.map(([orderId]) => orderId), pairs.map(([, state]) => state), newsGraceMs, isAll],
      });
      return new Map(rows.map(({ id, leased }) => [id, { inMs: leased ? newsGraceMs : 0 }]));
    },
  };
}

/**
 * Payment knows that the money is held and has it on its disk, and this transition publishes nothing. If a crash of the
 * server loses it, the order asks payment again, which responds with the same; and a cancellation takes the same steps
 * in either state. The next transition, to `committed`, waits for the disk, and so for this one.
 */
const isRepeatable = ({ saga, move }: AskedMove): boolean =>
  saga.state === 'reserved' && move.to === 'authorised';

const ownerAfter = ({ move, lease }: AskedMove): string | undefined =>
  isWorking(move.to) ? lease?.owner : undefined;

const sagaAfter = ({ saga, move, lease }: AskedMove): Saga => ({
  ...saga,
  state: move.to,
  version: saga.version + 1,
  leaseOwner: ownerAfter({ saga, move, lease }),
  attempt: 1,
  paymentBegun: saga.paymentBegun || move.to === 'reserved',
  ending: move.ending ?? saga.ending,
  endingReason: move.ending ? move.reason : saga.endingReason,
  attentionFrom: move.to === 'needs_attention' ? saga.state : undefined,
});

export type SagaStore = ReturnType<typeof createSagaStore>;
