import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { createAdmissionQueue } from '@bulkhead/resilience/admission-queue';
import { systemClock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { createFaults } from '@bulkhead/resilience/faults';
import { createHttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { createKeySet } from '../identity/key-set';
import { createUserTokenVerifier } from '../identity/user-tokens';
import { implement } from './operation';
import { createPipeline, type IncomingCall } from './pipeline';

const look = defineEndpoint({
  tag: 'test',
  summary: 'test',
  priority: 'browse',
  operationId: 'look',
  method: 'get',
  path: '/look',
  access: { kind: 'public' },
  responses: { 204: { description: 'ok' } },
});

it('a call that this process has admitted before waits for no second place on its way', async () => {
  const clock = systemClock;
  const limit = createAdmissionQueue({ clock, minLimit: 1, maxLimit: 1, maxQueued: 0 });
  const { logger, metrics } = createTelemetry({
    service: 'product',
    version: 'test',
    environment: 'test',
    logLevel: 'silent',
    traces: {},
    runtimeMetrics: false,
  });
  const pipeline = createPipeline(
    implement(look, async () => ({ status: 204 })),
    {
      service: 'product',
      users: createUserTokenVerifier(
        createKeySet(async () => ({ keys: [] }), clock),
        clock,
      ),
      limit,
      faults: createFaults({ clock, random: Math.random, enabled: false }),
      logger,
      metrics: createHttpServerMetrics(metrics),
      clock,
      checkAnswers: true,
    },
  );
  const call = (admitted: boolean): IncomingCall => ({
    requestId: '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a',
    deadline: deadlineAfter(clock, 5_000),
    caller: 'gateway',
    params: {},
    headers: {},
    query: () => ({}),
    body: async () => undefined,
    admitted,
    gone: undefined,
  });
  const release = limit.tryAcquire('pay');
  expect((await pipeline.answer(call(false))).status).toBe(503);
  expect((await pipeline.answer(call(true))).status).toBe(204);
  expect(limit.inFlight).toBe(1);
  release?.();
});
