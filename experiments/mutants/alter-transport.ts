import type { Transport } from '@bulkhead/messaging/transport';
import type { Surroundings } from '@bulkhead/service/runtime/assemble';

/** Surroundings whose transport is another, made from the one there is; the same where there is none. */
export function alterTransport(
  surroundings: Surroundings,
  alter: (transport: Transport) => Transport,
): Surroundings {
  const { transport } = surroundings;
  if (!transport) return surroundings;
  return {
    ...surroundings,
    transport: typeof transport === 'function' ? (observer) => alter(transport(observer)) : alter(transport),
  };
}
