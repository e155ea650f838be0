import type { IncomingMessage } from 'node:http';
import { hopByHopHeaders } from '@bulkhead/service/http/response-headers';

/** Headers that only the shop itself may set: they are removed from outside requests. */
const internalHeaders = new Set([
  'x-service-token',
  'x-request-id',
  'x-request-deadline',
  'x-client-address',
  'forwarded',
  'x-real-ip',
  'traceparent',
  'tracestate',
  'baggage',
  'host',
  'expect',
]);

/** The client's headers for a service; hop-by-hop, internal and forwarding-related ones are removed. */
export function forwardedHeaders(request: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const received = request.headers;
  const named = connectionOptions(received.connection);
  for (const name in received) {
    const value = received[name];
    if (value === undefined || hopByHopHeaders.has(name) || internalHeaders.has(name)) continue;
    if (name.startsWith('x-forwarded-') || named?.has(name)) continue;
    headers[name] = value;
  }
  return headers;
}

/** RFC 9110 §7.6.1: what Connection names is for this hop only. */
function connectionOptions(connection: string | undefined): ReadonlySet<string> | undefined {
  if (!connection || /^(keep-alive|close)$/i.test(connection)) return undefined;
  const named = new Set(connection.split(',').map((option) => option.trim().toLowerCase()));
  // A client must not remove its own credentials or the body's framing.
  named.delete('authorization');
  named.delete('content-length');
  named.delete('content-type');
  return named;
}
