import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe } from '@bulkhead/messaging/subscription';
import type { Recovery } from '../saga/recovery';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import type { State } from '../saga/states';

/** Which states wait for which news of the payment. */
const waitingFor: Readonly<Record<string, readonly State[]>> = {
  'payment.authorised.v1': ['reserved'],
  'payment.declined.v1': ['reserved'],
  'payment.captured.v1': ['committed', 'cancelling'],
  'payment.voided.v1': ['cancelling'],
  'payment.refunded.v1': ['refunding'],
};

/**
 * News of a payment. An event decides nothing: it makes the saga look again, at once, and payment's answer decides. So
 * an event that comes twice, late or before another does no harm. What the order's state does not wait for is ignored,
 * and counted.
 */
export const createPaymentEvents = (store: SagaStore, recovery: Recovery, metrics: SagaMetrics) =>
  subscribe(subscriptions.orderPayments, async ({ type, data: { orderId } }, { tx }) => {
    const woken = await store.wake(tx, orderId, waitingFor[type] ?? []);
    if (woken) tx.afterCommit(() => recovery.nudge(orderId));
    else metrics.ignored(type);
  });
