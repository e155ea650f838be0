import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribeInBatches } from '@bulkhead/messaging/subscription';
import type { OrderDatabase } from '../database';
import type { Recovery } from '../saga/recovery';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import type { State } from '../saga/states';
import { showRefund } from './show-refund';

/** The states that wait for each payment event. */
const waitingFor: Readonly<Record<string, readonly State[]>> = {
  'payment.authorised.v1': ['reserved'],
  'payment.action-required.v1': ['reserved'],
  'payment.declined.v1': ['reserved'],
  'payment.captured.v1': ['reserved', 'committed', 'cancelling'],
  'payment.failed.v1': ['committed', 'cancelling'],
  'payment.voided.v1': ['reserved', 'committed', 'cancelling'],
  'payment.refunded.v1': ['refunding'],
  'refund.updated.v1': ['refunding'],
};

export interface PaymentEventsDependencies {
  readonly store: SagaStore;
  readonly recovery: Recovery;
  readonly metrics: SagaMetrics;
  readonly outbox: Outbox;
  readonly database: OrderDatabase;
}

/**
 * Payment events. An event decides nothing: it wakes the saga, and payment's response decides. So a repeated, late or
 * out-of-order event does no harm. Events that the order's state does not wait for are ignored and counted. Concurrent
 * events are handled together. Refunds are shown on the order in any state.
 */
export const createPaymentEvents = ({
  store,
  recovery,
  metrics,
  outbox,
  database,
}: PaymentEventsDependencies) =>
  subscribeInBatches(subscriptions.orderPayments, async (events, { tx }) => {
    const woken = await store.wake(
      tx,
      events.map(({ type, data: { orderId } }) => ({ orderId, states: waitingFor[type] ?? [] })),
      events.every(({ type }) => type !== 'refund.updated.v1'),
    );
    tx.afterCommit(() => {
      for (const [orderId, { inMs }] of woken) recovery.nudge(orderId, inMs);
    });
    for (const event of events) {
      const { orderId } = event.data;
      if (event.type !== 'refund.updated.v1') {
        if (!woken.has(orderId)) metrics.ignored(event.type);
        continue;
      }
      const saga = await store.lock(tx, orderId);
      const news = { ...event.data, version: event.aggregateversion };
      if (saga) await database.join(tx, (joined) => showRefund(outbox, joined, saga, news));
      else if (!woken.has(orderId)) metrics.ignored(event.type);
    }
  });
