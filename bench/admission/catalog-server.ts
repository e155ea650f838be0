import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { systemClock } from '@bulkhead/resilience/clock';
import { loadConfig } from '@bulkhead/service/config';
import { implement } from '@bulkhead/service/http/operation';
import { ResilienceConfig, resilienceOf } from '@bulkhead/service/runtime/resilience-config';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createTestUsers } from '@bulkhead/service/testing/test-users';
import { z } from 'zod';
import { serveKit } from '../kit-service';
import { announce } from '../processes';

/** Of each request, what it computes, and what it waits for a database; in ms. */
const computingMs = 1;
const waitingMs = 2;

const page = defineEndpoint({
  tag: 'bench',
  summary: 'A page of the catalog',
  priority: 'browse',
  operationId: 'page',
  method: 'get',
  path: '/page',
  access: { kind: 'public' },
  responses: { 204: { description: 'ok' } },
});

const definition: ServiceDefinition = {
  name: 'product',
  config: z.object({}),
  peers: [],
  database: false,
  create: ({ clock }) => ({
    operations: [
      implement(page, async () => {
        await clock.sleep(waitingMs);
        const until = clock.monotonic() + computingMs;
        while (clock.monotonic() < until);
        return { status: 204 };
      }),
    ],
  }),
};

/** A service whose one core is what it has too little of. `CONCURRENCY_QUEUE=0` is the limit without a queue. */
export async function serveCatalog(): Promise<void> {
  const { origin, identities } = await serveKit({
    definition,
    users: await createTestUsers(systemClock),
    resilience: resilienceOf(loadConfig(ResilienceConfig, process.env)),
  });
  announce({
    origin,
    headers: { 'x-service-token': await identities.tokensOf('gateway').tokenFor('product') },
  });
}
