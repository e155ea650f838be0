import type { Infrastructure } from '@bulkhead/service/runtime/assemble';
import { alterTransport } from './alter-transport';

/** A message is acknowledged when it arrives, before it is handled: who dies in between has lost it. */
export const ackEarly = (infrastructure: Infrastructure): Infrastructure =>
  alterTransport(infrastructure, (transport) => ({
    ...transport,
    source: (definition, options) =>
      transport.source(definition, {
        ...options,
        onMessage: (held) =>
          void held
            .ack()
            .then(() => options.onMessage({ ...held, ack: async () => undefined, isLost: () => false })),
      }),
  }));
