import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { Recovery } from '../saga/recovery';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import { isForward } from '../saga/states';

/**
 * A reservation ran out under an order that still needs it: the order has been held up for twice the time after which
 * it should have expired, so it expires now. It is not reserved anew: inventory never revives a reservation, and the
 * buyer was told by when they would know. An order that is `committed` cannot lose its stock this way.
 */
export const createReservationEvents = (store: SagaStore, recovery: Recovery, metrics: SagaMetrics) =>
  subscribe(subscriptions.orderReservations, async ({ type, data: { orderId } }, { tx }) => {
    const saga = await store.read(tx, orderId);
    if (!saga || !isForward(saga.state) || saga.state === 'committed') return metrics.ignored(type);
    const moved = await store.move(tx, saga, {
      to: 'cancelling',
      ending: 'expired',
      reason: 'reservation-expired',
    });
    if (!moved) throw new Error('the order moved on meanwhile; look again');
    metrics.moved(saga, moved.state);
    tx.afterCommit(() => recovery.nudge(orderId));
  });
