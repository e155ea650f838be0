import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { problem } from '@bulkhead/service/errors';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Ids } from '@bulkhead/service/ids';
import type { OrderReader } from '../orders/order-reader';
import type { OrderRow } from '../orders/order-view';
import type { LiveSagas } from '../saga/live-sagas';
import type { Move, Saga } from '../saga/saga';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import { isFinal, isForward, type State } from '../saga/states';

export interface CancelOrderDependencies {
  readonly database: Database;
  readonly store: SagaStore;
  readonly live: LiveSagas;
  readonly orders: OrderReader;
  readonly metrics: SagaMetrics;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly leaseMs: (state: State) => number;
  /** Maximum time a buyer waits, in ms. */
  readonly budgetMs: number;
}

/** An order has only a handful of transitions; more consecutive conflicts than this are impossible. */
const maxConflicts = 20;

/**
 * Cancels an order: takes it over from its current runner, in its current state, and waits for the outcome as long as
 * the budget allows.
 * @returns the order as it is then
 * @throws ProblemError `not-found` or `not-cancellable`
 */
export function createCancelOrder(dependencies: CancelOrderDependencies) {
  const { database, store, live, orders, clock, budgetMs } = dependencies;

  return async function cancel(userId: string, orderId: string, context: CallContext): Promise<OrderRow> {
    const respondBy = clock.monotonic() + Math.min(budgetMs, context.deadline.remainingMs() - 100);
    const place = live.enter();
    let taken: Saga | undefined;
    try {
      taken = await takeOver(userId, orderId, place !== undefined);
    } finally {
      if (!taken) place?.leave();
    }
    const waitMs = respondBy - clock.monotonic();
    if (taken) await place?.runAndWait(taken, { enough: ({ state }) => isFinal(state), waitMs });
    const row = await orders.ofUser(userId, orderId);
    if (!row) throw problem('not-found');
    return row;
  };

  /** @returns the saga under a lease of ours, if a lease is wanted and there is anything to do */
  async function takeOver(userId: string, orderId: string, leased: boolean): Promise<Saga | undefined> {
    for (let conflict = 0; conflict < maxConflicts; conflict++) {
      const saga = await store.read(database, orderId, userId);
      if (!saga) throw problem('not-found');
      const move = moveFor(saga.state);
      if (!move) return undefined;
      const lease = { owner: dependencies.ids.next(), ms: dependencies.leaseMs(move.to) };
      const moved = await store.move(database, saga, move, leased ? lease : undefined);
      if (!moved) continue;
      dependencies.metrics.moved(saga, moved.state);
      return moved.leaseOwner === undefined ? undefined : moved;
    }
    throw problem('unavailable', { headers: { 'retry-after': '1' } });
  }
}

/** How a cancellation starts in each state; undefined if it has already started or finished. */
function moveFor(state: State): Move | undefined {
  if (isForward(state)) return { to: 'cancelling', ending: 'cancelled' };
  if (state === 'confirmed') return { to: 'refunding' };
  if (state === 'cancelling' || state === 'refunding' || state === 'cancelled' || state === 'refunded')
    return undefined;
  throw problem('not-cancellable');
}

export type CancelOrder = ReturnType<typeof createCancelOrder>;
