import type { Surroundings } from '@bulkhead/service/runtime/assemble';

/** A message is acknowledged when it arrives, before it is handled: who dies in between has lost it. */
export function ackEarly(surroundings: Surroundings): Surroundings {
  const { transport } = surroundings;
  if (!transport) return surroundings;
  return {
    ...surroundings,
    transport: {
      ...transport,
      source: (definition, options) =>
        transport.source(definition, {
          ...options,
          onMessage: (held) =>
            void held
              .ack()
              .then(() => options.onMessage({ ...held, ack: async () => undefined, isLost: () => false })),
        }),
    },
  };
}
