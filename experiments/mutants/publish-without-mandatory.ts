import type { PublishOutcome } from '@bulkhead/messaging/transport';
import type { Infrastructure } from '@bulkhead/service/runtime/assemble';
import { alterTransport } from './alter-transport';

/** What no queue takes is confirmed by the broker all the same, and nobody looks further: as without `mandatory`. */
export const publishWithoutMandatory = (infrastructure: Infrastructure): Infrastructure =>
  alterTransport(infrastructure, (transport) => ({
    ...transport,
    publish: async (rows) => (await transport.publish(rows)).map(believe),
  }));

const believe = (outcome: PublishOutcome): PublishOutcome =>
  outcome.kind === 'failed' && outcome.reason === 'unroutable' ? { kind: 'confirmed' } : outcome;
