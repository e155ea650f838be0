import type { Transport } from '@bulkhead/messaging/transport';
import type { Infrastructure } from '@bulkhead/service/runtime/assemble';

/** The same infrastructure with an altered transport; unchanged if it has none. */
export function alterTransport(
  infrastructure: Infrastructure,
  alter: (transport: Transport) => Transport,
): Infrastructure {
  const { transport } = infrastructure;
  if (!transport) return infrastructure;
  return {
    ...infrastructure,
    transport: typeof transport === 'function' ? (observer) => alter(transport(observer)) : alter(transport),
  };
}
