import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { createBulkhead } from '@bulkhead/resilience/bulkhead';
import { systemClock } from '@bulkhead/resilience/clock';
import { loadConfig } from '@bulkhead/service/config';
import { implement } from '@bulkhead/service/http/operation';
import { ResilienceConfig, resilienceOf } from '@bulkhead/service/runtime/resilience-config';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createTestUsers } from '@bulkhead/service/testing/test-users';
import { z } from 'zod';
import { serveKit } from '../kit-service';
import { announce } from '../processes';

/** What each page waits for, such as a database of so many connections: 500 pages a second. */
const connections = 4;
const statementMs = 8;
/** What each page computes, in ms; with it, the core is what is short. */
const computingMs = Number(process.env['COMPUTING_MS'] ?? 0);

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
  create({ clock }) {
    const database = createBulkhead({
      name: 'database',
      clock,
      maxConcurrent: computingMs > 0 ? 1_000 : connections,
      maxQueued: 1_000_000,
      maxWaitMs: 60_000,
    });
    const operations = [
      implement(page, async () => {
        await database.execute(() => clock.sleep(statementMs));
        const until = clock.monotonic() + computingMs;
        while (clock.monotonic() < until);
        return { status: 204 };
      }),
    ];
    return { operations };
  },
};

/** A service that has too little of a database, or of its core. `CONCURRENCY_QUEUE=0` is the limit without a queue. */
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
