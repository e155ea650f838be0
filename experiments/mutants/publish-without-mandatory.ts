import type { PublishOutcome } from '@bulkhead/messaging/transport';
import type { Surroundings } from '@bulkhead/service/runtime/assemble';

/** What no queue takes is confirmed by the broker all the same, and nobody looks further: as without `mandatory`. */
export function publishWithoutMandatory(surroundings: Surroundings): Surroundings {
  const { transport } = surroundings;
  if (!transport) return surroundings;
  const believe = (outcome: PublishOutcome): PublishOutcome =>
    outcome.kind === 'failed' && outcome.reason === 'unroutable' ? { kind: 'confirmed' } : outcome;
  return {
    ...surroundings,
    transport: { ...transport, publish: async (rows) => (await transport.publish(rows)).map(believe) },
  };
}
