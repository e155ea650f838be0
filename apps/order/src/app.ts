import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { paymentInternal } from '@bulkhead/contracts/payment/api';
import { productInternal } from '@bulkhead/contracts/product/api';
import { DatabaseUnavailable, isContended } from '@bulkhead/database/errors';
import { confirmErasure } from '@bulkhead/service/erasure/confirm-erasure';
import { createMicroBatcher } from '@bulkhead/service/micro-batcher';
import type { Dependencies, Service, ServiceDefinition } from '@bulkhead/service/service';
import { createCancelOrder } from './cancel/cancel-order';
import { OrderConfig } from './config';
import { confirmExpiry } from './events/confirm-expiry';
import { orderDatabase } from './database';
import { createErasureEvents, createErasureSweep } from './events/erasure';
import { createPaymentEvents } from './events/payments';
import { createReservationEvents } from './events/reservations';
import { createBuyerOperations } from './http/buyer-operations';
import { createTraceUrls } from './orders/trace-url';
import { createOtherOperations } from './http/other-operations';
import { main as orders } from './operator/orders-cli';
import { createOrderReader } from './orders/order-reader';
import { createKeyPruning } from './place/idempotency';
import { createPeerHealth } from './place/peer-health';
import { createPlaceOrder } from './place/place-order';
import { createWriteOrders, type NewOrder } from './place/write-orders';
import { createExpiry } from './saga/expiry';
import { createLiveSagas } from './saga/live-sagas';
import { createMoving } from './saga/moving';
import { createRecovery } from './saga/recovery';
import { createRunner } from './saga/runner';
import { createSagaMetrics } from './saga/saga-metrics';
import { createSagaStore } from './saga/saga-store';
import type { State } from './saga/states';
import { createSteps } from './saga/steps';
import { createStreamOrder } from './stream/stream-order';
import { createTimelineFeed } from './stream/timeline-feed';

const feedEveryMs = 300;
const streamLimits = { perUser: 5, total: 1_000 };
const drainMs = 8_000;
/** How long after the budget a request's key counts as abandoned, in ms. */
const keyGraceMs = 2_000;
export const writeLimits = { maxBatch: 64, maxQueue: 1_000, concurrency: 2 };

/** Orders, and the saga that brings each of them to a final state. */
export const orderService: ServiceDefinition<typeof OrderConfig> = {
  name: 'order',
  config: OrderConfig,
  peers: ['product', 'inventory', 'payment', 'profile'],
  database: true,
  commands: { orders },
  create,
};

function create(dependencies: Dependencies<OrderConfig>): Service {
  const { config, database, outbox, policiesOf, peer, clock, logger, timers } = dependencies;
  // Placing an order and the saga are SQL on `database`; what is plain is the client's.
  const client = orderDatabase(database);
  const budgetMs = config.ORDER_BUDGET_MS;
  const expiryMs = config.ORDER_PENDING_EXPIRY_SECONDS * 1_000;
  const timeouts = { authoriseMs: config.ORDER_AUTHORISE_TIMEOUT_MS, otherMs: config.ORDER_STEP_TIMEOUT_MS };
  const leaseMs = (state: State) =>
    (state === 'reserved' ? timeouts.authoriseMs : timeouts.otherMs) + timers.leaseMarginMs;

  const health = createPeerHealth({
    inventory: policiesOf('inventory'),
    payment: policiesOf('payment'),
    clock,
  });
  const metrics = createSagaMetrics(dependencies.metrics, database, dependencies.clock);
  const store = createSagaStore(outbox, leaseMs);
  const inventory = peer('inventory', inventoryInternal);
  const steps = createSteps({
    inventory,
    payment: peer('payment', paymentInternal),
    inventoryWatch: health.inventoryWatch,
    clock,
    timeouts,
    reservationTtlSeconds: Math.min(86_400, Math.ceil((2 * expiryMs) / 1_000)),
  });
  const moving = createMoving(database, store);
  const runner = createRunner({
    ...dependencies,
    store,
    moving,
    steps,
    metrics,
    leaseMs,
    backoff: { minMs: config.ORDER_RETRY_MIN_MS, maxMs: config.ORDER_RETRY_MAX_MS },
    giveUpAfterMs: config.ORDER_GIVE_UP_SECONDS * 1_000,
  });
  const live = createLiveSagas({ runner, clock, logger, max: config.ORDER_LIVE_SAGAS });
  const recovery = createRecovery({
    ...dependencies,
    store,
    runner,
    maxConcurrent: config.ORDER_RECOVERY_CONCURRENCY,
    everyMs: config.ORDER_RECOVERY_EVERY_MS,
  });
  const orders = createOrderReader(client);
  const keyLeaseMs = budgetMs + keyGraceMs;
  const writing = createMicroBatcher<NewOrder, boolean>({
    ...writeLimits,
    run: createWriteOrders({ database, outbox, keyLeaseMs, expiryMs }),
    isOutage: (error) => error instanceof DatabaseUnavailable || isContended(error),
  });
  const useCase = { ...dependencies, health, store, live, orders, metrics, leaseMs, budgetMs };
  const watch = createTimelineFeed({ db: database, clock, logger, everyMs: feedEveryMs });

  return {
    operations: [
      ...createBuyerOperations({
        placeOrder: createPlaceOrder({
          ...useCase,
          writing,
          keyLeaseMs,
          product: peer('product', productInternal),
        }),
        cancelOrder: createCancelOrder(useCase),
        streamOrder: createStreamOrder(orders, watch, streamLimits),
        orders,
      }),
      ...createOtherOperations(orders, createTraceUrls(config.TRACE_URL)),
    ],
    subscriptions: [
      createPaymentEvents({ store, recovery, metrics, outbox, database: client }),
      confirmExpiry(createReservationEvents(store, recovery, metrics), { inventory, clock }),
      confirmErasure(createErasureEvents({ store, metrics, outbox, database: client }), dependencies),
    ],
    jobs: [
      recovery.job,
      createExpiry(database, store, metrics, config.ORDER_RECOVERY_EVERY_MS),
      createKeyPruning(database),
      createErasureSweep({ store, metrics, database: client }),
    ],
    stop: async () => {
      await writing.drain();
      await Promise.all([live.drain(drainMs), recovery.drain(drainMs)]);
      await client.prisma.$disconnect();
    },
  };
}
