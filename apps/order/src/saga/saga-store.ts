import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { claim, findExpired, forgetBuyer, lockSaga, pause, readSaga, wake } from './claim.sql';
import type { Move, Saga } from './saga';
import { eventsOf } from './saga-events';
import { type Ending, isFinal, isLegal, type State } from './states';
import { transition } from './transition.sql';

/**
 * Whoever works on a saga when news come for it has mostly heard the same already. After this they are taken to wait for an
 * answer that does not come, in ms.
 */
export const newsGraceMs = 500;

/** Who goes on with a saga after a transition, and how long they have before another may take it over. */
export interface Lease {
  readonly owner: string;
  readonly ms: number;
}

export interface Pausing {
  readonly ms: number;
  readonly hopelessMs: number;
  /** What the buyer has to do meanwhile. */
  readonly nextActionUrl?: string | undefined;
  /** The peer was not asked, so this was no attempt. */
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
  return {
    /**
     * Makes a transition if the order still is as `saga` says, and wakes the relay when it told something.
     * @param lease of who goes on with it; without one anybody may, at once
     * @returns the saga after it, or undefined when another was faster
     * @throws Error for a transition that is not legal: a bug
     */
    async move(db: Queryable, saga: Saga, move: Move, lease?: Lease): Promise<Saga | undefined> {
      if (!isLegal(saga.state, move.to)) throw new Error(`no order goes from ${saga.state} to ${move.to}`);
      const events = eventsOf(saga, move);
      const final = isFinal(move.to);
      const rests = final || move.to === 'needs_attention';
      const owner = rests ? undefined : lease?.owner;
      const { rowCount } = await db.query({
        ...transition,
        values: [
          saga.id,
          saga.version,
          saga.state,
          move.to,
          move.reason ?? null,
          owner ?? null,
          owner === undefined ? 0 : lease?.ms,
          rests,
          move.ending ?? null,
          move.lackingSkus ?? [],
          outbox.rows(events),
          saga.userId,
        ],
      });
      if (rowCount === 0) return undefined;
      if (events.length > 0) outbox.wake();
      return {
        ...saga,
        state: move.to,
        version: saga.version + 1,
        leaseOwner: owner,
        attempt: 1,
        paymentBegun: saga.paymentBegun || move.to === 'reserved',
        ending: move.ending ?? saga.ending,
        endingReason: move.ending ? move.reason : saga.endingReason,
        attentionFrom: move.to === 'needs_attention' ? saga.state : undefined,
      };
    },

    /** @param userId for a user's request: only an order of theirs */
    async read(db: Queryable, orderId: string, userId?: string): Promise<Saga | undefined> {
      const { rows } = await db.query<SagaRow>({ ...readSaga, values: [orderId, userId ?? null] });
      return rows[0] && toSaga(rows[0]);
    },

    /** Reads an order that nobody else changes until the transaction ends. */
    async lock(tx: Transaction, orderId: string): Promise<Saga | undefined> {
      const { rows } = await tx.query<SagaRow>({ ...lockSaga, values: [orderId] });
      return rows[0] && toSaga(rows[0]);
    },

    /** Takes up to `limit` overdue sagas, or only `orderId` if it is overdue. */
    async claim(db: Queryable, owner: string, limit: number, orderId?: string): Promise<Saga[]> {
      const leases = JSON.stringify(
        Object.fromEntries(leasedStates.map((state) => [state, leaseMs(state)] as const)),
      );
      const { rows } = await db.query<SagaRow>({ ...claim, values: [owner, limit, leases, orderId ?? null] });
      return rows.map(toSaga);
    },

    /** Gives the saga up for a while. @returns whether it has stood still for longer than `hopelessMs` */
    async pause(db: Queryable, saga: Saga, owner: string, pausing: Pausing): Promise<{ hopeless: boolean }> {
      const { ms, hopelessMs, nextActionUrl, untried = false } = pausing;
      const { rows } = await db.query<{ hopeless: boolean }>({
        ...pause,
        values: [saga.id, saga.version, owner, Math.round(ms), nextActionUrl ?? null, hopelessMs, untried],
      });
      return { hopeless: rows[0]?.hopeless ?? false };
    },

    /** Orders that have been pending for too long. */
    async findExpired(db: Queryable, limit: number): Promise<Saga[]> {
      const { rows } = await db.query<SagaRow>({ ...findExpired, values: [limit] });
      return rows.map(toSaga);
    },

    /** Takes the buyer out of all their orders, and locks these until the transaction ends. @returns the orders */
    async forgetBuyer(tx: Transaction, userId: string): Promise<Saga[]> {
      const { rows } = await tx.query<SagaRow>({ ...forgetBuyer, values: [userId] });
      return rows.map(toSaga);
    },

    /**
     * Has a saga that is in one of `states` look again: at once, or after `newsGraceMs` where somebody works on it.
     * @returns after how many ms it goes on at the latest; undefined when it is in none of them
     */
    async wake(
      db: Queryable,
      orderId: string,
      states: readonly State[],
    ): Promise<{ readonly inMs: number } | undefined> {
      const values = [orderId, states, newsGraceMs];
      const { rows } = await db.query<{ leased: boolean }>({ ...wake, values });
      return rows[0] && { inMs: rows[0].leased ? newsGraceMs : 0 };
    },
  };
}

const leasedStates = [
  'placed',
  'reserved',
  'authorised',
  'committed',
  'cancelling',
  'refunding',
] as const satisfies readonly State[];

export type SagaStore = ReturnType<typeof createSagaStore>;
