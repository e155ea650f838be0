import { implement } from '@bulkhead/service/http/operation';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { systemClock } from '@bulkhead/resilience/clock';
import { createTestUsers } from '@bulkhead/service/testing/test-users';
import { z } from 'zod';
import { type KitServiceOptions, serveKit } from '../kit-service';
import { announce } from '../processes';
import { createQuote, quote } from './quote';

const quoteService: ServiceDefinition = {
  name: 'product',
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({
    operations: [implement(createQuote, async ({ body }) => ({ status: 200, body: quote(body) }))],
  }),
};

/** @param settings what is not as in production by default */
export async function serveQuotesByKit(settings: Pick<KitServiceOptions, 'telemetry'> = {}): Promise<void> {
  const users = await createTestUsers(systemClock);
  const { origin, identities } = await serveKit({ definition: quoteService, users, ...settings });
  const token = await identities.tokensOf('gateway').tokenFor('product');
  announce({ origin, headers: { 'x-service-token': token } });
}
