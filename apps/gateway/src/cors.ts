import type { IncomingMessage } from 'node:http';
import middleware, { type CorsOptions } from 'cors';

const exposedHeaders = [
  'etag',
  'location',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'x-request-id',
  'idempotency-key',
];
const allowedHeaders = [
  'authorization',
  'baggage',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'prefer',
  'traceparent',
  'tracestate',
];
const preflightSeconds = 7200;

/** Response headers that pages of other origins may read (WHATWG Fetch §3.3); names are in lower case. */
export interface Cors {
  /** For the response to any request that is not a preflight. */
  headersFor(request: IncomingMessage): Record<string, string>;
  /** For the response to a preflight of a path with these methods. */
  preflight(request: IncomingMessage, methods: readonly string[]): Record<string, string>;
}

/** @param origins `*`, or origins separated by commas; undefined if pages of other origins may not read anything */
export function createCors(origins: string | undefined): Cors {
  if (origins === undefined) return { headersFor: () => ({}), preflight: () => ({}) };
  const options = {
    origin: origins === '*' ? '*' : origins.split(','),
    exposedHeaders,
    allowedHeaders,
    maxAge: preflightSeconds,
    preflightContinue: true,
  };
  return {
    headersFor: ({ headers }) => headersOf(options, { method: 'GET', headers }),
    preflight: ({ headers }, methods) =>
      headersOf({ ...options, methods: [...methods] }, { method: 'OPTIONS', headers }),
  };
}

/** Headers set by the middleware; a later response writes all headers at once. */
function headersOf(
  options: CorsOptions,
  request: Pick<IncomingMessage, 'method' | 'headers'>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    getHeader: (name: string) => headers[name.toLowerCase()],
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    end: () => undefined,
  };
  middleware(options)(request, response, () => undefined);
  if (headers['access-control-allow-origin']) headers['cross-origin-resource-policy'] = 'cross-origin';
  return headers;
}
