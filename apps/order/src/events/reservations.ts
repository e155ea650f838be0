import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { Recovery } from '../saga/recovery';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import { isForward } from '../saga/states';

/**
 * A reservation has expired although its order still needs it: the order has been delayed for twice its time to expiry,
 * so it expires now. It is not reserved again: inventory never revives a reservation, and the buyer was promised an
 * outcome by then. An order that is `committed` cannot lose its stock this way.
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
