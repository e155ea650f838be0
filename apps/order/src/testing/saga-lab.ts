import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { events } from '@bulkhead/contracts/events';
import { createDatabase } from '@bulkhead/database/pool';
import type { Database, Statement } from '@bulkhead/database/database';
import { DatabaseUnavailable } from '@bulkhead/database/errors';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import type { Subscription } from '@bulkhead/messaging/subscription';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { randomIds as ids } from '@bulkhead/service/ids';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { createTestDatabase } from '@bulkhead/database/testing/postgres';
import { createCancelOrder } from '../cancel/cancel-order';
import { orderDatabase } from '../database';
import { createPaymentEvents } from '../events/payments';
import { createReservationEvents } from '../events/reservations';
import { createOrderReader } from '../orders/order-reader';
import { createWriteOrders } from '../place/write-orders';
import { createExpiry } from '../saga/expiry';
import { createLiveSagas } from '../saga/live-sagas';
import { createRecovery } from '../saga/recovery';
import { createMoving } from '../saga/moving';
import { createRunner } from '../saga/runner';
import { createSagaMetrics } from '../saga/saga-metrics';
import { createSagaStore } from '../saga/saga-store';
import { createSteps } from '../saga/steps';
import { createDirectClients, type Network } from './direct-clients';
import { createFakeShop } from './fake-shop';

/** When a process dies, relative to a statement. */
export type Crash = 'none' | 'before' | 'after';

/**
 * Sagas on a real database, where a test controls the network, crashes, time and events. No timer runs: only the test
 * causes anything.
 */
export async function createSagaLab() {
  const testDatabase = await createTestDatabase({
    service: 'order',
    migrationsDir: path.join(__dirname, '../../prisma/migrations'),
  });
  const database = createDatabase({ url: testDatabase.url, applicationName: 'saga-lab', clock });
  const telemetry = createTelemetry({
    service: 'order',
    version: 'test',
    environment: 'test',
    logLevel: 'silent',
    traces: {},
    runtimeMetrics: false,
  });
  const shop = createFakeShop();
  const network: Network = { weather: () => 'fine', late: [] };
  const control = { crash: (): Crash => 'none' };

  /** A crash loses the statement or its result; either way the process does nothing further. */
  const mortal: Database = {
    ...database,
    async query<Row extends object>(statement: Statement) {
      const crash = statement.name === 'order-claim' ? 'none' : control.crash();
      if (crash === 'before') throw new DatabaseUnavailable('crashed before');
      const result = await database.query<Row>(statement);
      if (crash === 'after') throw new DatabaseUnavailable('crashed after');
      return result;
    },
  };

  const leaseMs = () => 60_000;
  const outbox = createOutbox({ catalog: events, source: 'order', clock, ids, wake: () => undefined });
  const metrics = createSagaMetrics(telemetry.metrics, database, clock);
  const store = createSagaStore(outbox, leaseMs);
  const steps = createSteps({
    ...createDirectClients(shop, network),
    inventoryWatch: { seen: () => undefined },
    clock,
    timeouts: { authoriseMs: 30_000, otherMs: 5_000 },
    reservationTtlSeconds: 1_800,
  });
  const { logger, tracing } = telemetry;
  const runner = createRunner({
    database: mortal,
    store,
    moving: createMoving(mortal, store),
    steps,
    metrics,
    clock,
    random: Math.random,
    logger,
    tracing,
    shutdown: new AbortController().signal,
    leaseMs,
    backoff: { minMs: 60_000, maxMs: 60_000 },
    giveUpAfterMs: 86_400_000,
  });
  const recovery = createRecovery({
    database,
    store,
    runner,
    ids,
    clock,
    logger,
    maxConcurrent: 4,
    everyMs: 1,
  });
  const live = createLiveSagas({ runner, clock, logger, max: 100 });
  const orders = createOrderReader(orderDatabase(database));
  const cancelOrder = createCancelOrder({
    database,
    store,
    live,
    orders,
    metrics,
    ids,
    clock,
    leaseMs,
    budgetMs: 10_000,
  });
  const expiry = createExpiry(database, store, metrics, 1);
  const subscriptions = [
    createPaymentEvents({ store, recovery, metrics, outbox, database: orderDatabase(database) }),
    createReservationEvents(store, recovery, metrics),
  ];
  const writeOrders = createWriteOrders({ database, outbox, keyLeaseMs: 1, expiryMs: 900_000 });
  const run = (text: string, ...values: unknown[]) => database.query({ text, values });

  return {
    shop,
    network,
    control,
    database,
    ownerUrl: testDatabase.ownerUrl,
    recovery,
    store,

    /** An order that was just committed by a process that died. @returns its id */
    async place(sku: string, total: number, paymentMethod: string): Promise<string> {
      const orderId = ids.next();
      await writeOrders([
        {
          use: { userId: randomUUID(), scope: 'test', key: orderId, fingerprint: Buffer.of(1) },
          orderId,
          lines: [{ productId: randomUUID(), sku, name: sku, quantity: 1, unitPrice: total }],
          total: { amount: total, currency: 'EUR' },
          paymentMethod,
          shippingAddress: undefined,
          leaseOwner: randomUUID(),
          leaseMs: 0,
          traceparent: undefined,
        },
      ]);
      return orderId;
    },

    /** Expires all leases and pauses, including those of active runners. */
    passTime: (orderId: string) =>
      run('update orders set due_at = clock_timestamp() where id = $1 and due_at is not null', orderId),

    /** One run of recovery, to its end. */
    async work(orderId: string): Promise<void> {
      const [saga] = await store.claim(database, ids.next(), 1, orderId);
      if (saga) await runner.run(saga, { probe: true }).catch(() => undefined);
    },

    cancel: (userId: string, orderId: string) =>
      cancelOrder(userId, orderId, { requestId: orderId, deadline: deadlineAfter(clock, 20_000) }).catch(
        () => undefined,
      ),

    async expire(orderId: string): Promise<void> {
      await run('update orders set expires_at = clock_timestamp() where id = $1', orderId);
      await expiry.run(new AbortController().signal);
    },

    /** Handles an event as a consumer would. */
    async publish(type: string, orderId: string): Promise<void> {
      const subscription = subscriptions.find(({ definition }) =>
        definition.events.some((event) => event.type === type),
      ) as Subscription;
      const event = { type, data: { orderId } } as never;
      const signal = new AbortController().signal;
      await database
        .transaction((tx) => subscription.handle(event, { tx, attempt: 1, signal }))
        .catch(() => undefined);
    },

    async stop(): Promise<void> {
      await recovery.drain(5_000);
      await live.drain(5_000);
      await database.close();
      await telemetry.shutdown();
      await testDatabase.drop();
    },
    drain: async () => {
      await recovery.drain(5_000);
      await live.drain(5_000);
    },
  };
}

export type SagaLab = Awaited<ReturnType<typeof createSagaLab>>;
