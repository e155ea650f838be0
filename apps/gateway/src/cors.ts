import type { IncomingMessage } from 'node:http';

const exposed = 'etag, location, retry-after, ratelimit, ratelimit-policy, x-request-id, idempotency-key';

export interface Cors {
  /** Headers for the answer to a request from a page; empty for origins that may not read it. */
  headersFor(request: IncomingMessage): Record<string, string>;
  /** Headers of the answer to a preflight for these methods (WHATWG Fetch §3.2). */
  preflight(request: IncomingMessage, methods: readonly string[]): Record<string, string>;
}

export function createCors(origins: string | undefined): Cors {
  const any = origins === '*';
  const allowed = new Set(origins?.split(',') ?? []);
  const headersFor = (request: IncomingMessage): Record<string, string> => {
    const origin = request.headers.origin;
    if (origin === undefined || !(any || allowed.has(origin))) return {};
    return {
      'access-control-allow-origin': any ? '*' : origin,
      'access-control-expose-headers': exposed,
      'cross-origin-resource-policy': 'cross-origin',
      ...(any ? {} : { vary: 'Origin' }),
    };
  };
  return {
    headersFor,
    preflight(request, methods) {
      const headers = headersFor(request);
      if (!headers['access-control-allow-origin']) return {};
      return {
        ...headers,
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers':
          'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer',
        'access-control-max-age': '7200',
      };
    },
  };
}
