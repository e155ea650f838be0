import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Outbox } from '@bulkhead/messaging/outbox';
import { subscribeInBatches } from '@bulkhead/messaging/subscription';
import type { OrderDatabase } from '../database';
import type { Recovery } from '../saga/recovery';
import type { SagaMetrics } from '../saga/saga-metrics';
import type { SagaStore } from '../saga/saga-store';
import type { State } from '../saga/states';
import { showRefund } from './show-refund';

/** Which states wait for which news of the payment. */
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
 * News of a payment. An event decides nothing: it makes the saga look again, at once, and payment's answer decides. So
 * an event that comes twice, late or before another does no harm. What the order's state does not wait for is ignored,
 * and counted. The news of one moment are taken up together. Refunds are shown on the order, whatever its state.
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
