import { events } from '@bulkhead/contracts/events';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { randomIds as ids } from '@bulkhead/service/ids';
import { timerProfiles } from '@bulkhead/service/runtime/timers';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { createSimulatedProvider } from '../providers/simulated';
import { newId, type PaymentWorld, startPaymentWorld } from '../testing/payment-world';
import { createBatches } from './batches';
import { neverCrash } from './crash-point';
import { drive } from './drive';
import { createMoneyMetrics } from './money-metrics';
import { findByOrder } from './payment';

let world: PaymentWorld;
beforeAll(async () => {
  world = await startPaymentWorld();
}, 60_000);
afterAll(() => world?.stop());

test('an authorisation that completes while a void begins is voided, not treated as never requested', async () => {
  const orderId = newId();
  await world.authorise(orderId);
  const { database } = world.service;
  const lease = newId();
  // A void began before the provider had answered; whoever had asked it, under a lease that had run out, has just
  // recorded the charge. The charge moves nothing: it is only known from now on.
  await database.query({
    text: `update payments set status = 'voiding', lease = $2, leased_until = now() + interval '1 min' where order_id = $1`,
    values: [orderId, lease],
  });
  const asRead = { ...(await findByOrder(database, orderId))!, providerReference: null };
  const { logger, metrics, shutdown } = createTelemetry({
    service: 'payment',
    version: 'test',
    environment: 'test',
    logLevel: 'silent',
    traces: {},
    runtimeMetrics: false,
  });
  const provider = createSimulatedProvider({
    url: world.provider.url,
    webhookSecrets: () => ['not used here'],
  });
  try {
    const request = { lease, leaseMs: 60_000, provider: provider.name };
    const recording = {
      database,
      outbox: createOutbox({ catalog: events, source: 'payment', clock, ids, wake: () => undefined }),
      ids,
      money: createMoneyMetrics(metrics),
      logger,
    };
    await drive(asRead, request, {
      ...recording,
      batches: createBatches({ ...recording, provider: 'simulated' }),
      random: Math.random,
      provider,
      crashPoint: neverCrash,
      shutdown: new AbortController().signal,
      timers: timerProfiles.usual,
    });
  } finally {
    await provider.close();
    await shutdown();
  }
  expect(world.chargesOf(orderId)).toMatchObject([{ status: 'voided' }]);
  expect((await world.order('GET', orderId)).body.status).toBe('voided');
});
