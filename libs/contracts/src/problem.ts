import { z } from 'zod';

/** RFC 9457 problem details, as every error of every service is answered. */
export const Problem = z
  .looseObject({
    type: z.string().meta({ description: 'stable URI of the kind of problem' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional().meta({ description: 'id of the request, as in logs and traces' }),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'what is invalid: JSON pointers (RFC 6901) into the request' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/**
 * Every kind of problem: its slug (the last part of `type`), status and title. Clients switch on the slug, so a slug
 * never changes its meaning; only the HTTP edge reads the status.
 */
export const problems = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  'idempotency-key-required': { status: 400, title: 'An Idempotency-Key header is required' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  'invalid-credentials': { status: 401, title: 'The email or password is incorrect' },
  'invalid-token': { status: 401, title: 'The token is invalid' },
  'payment-declined': { status: 402, title: 'The payment was declined' },
  forbidden: { status: 403, title: 'Forbidden' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Not acceptable' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'Conflict' },
  'idempotency-in-progress': {
    status: 409,
    title: 'A request with this Idempotency-Key is still in progress',
  },
  'out-of-stock': { status: 409, title: 'Out of stock' },
  'price-changed': { status: 409, title: 'The price has changed' },
  'not-cancellable': { status: 409, title: 'The order can no longer be cancelled' },
  'already-exists': { status: 409, title: 'Already exists' },
  gone: { status: 410, title: 'Gone' },
  'precondition-failed': { status: 412, title: 'The resource has changed' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The URI is too long' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'invalid-request': { status: 422, title: 'The request is invalid' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for a different request' },
  'unknown-product': { status: 422, title: 'Unknown product' },
  'precondition-required': { status: 428, title: 'An If-Match header is required' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Internal error' },
  'not-implemented': { status: 501, title: 'Not implemented' },
  'bad-gateway': { status: 502, title: 'A service returned an invalid response' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  overloaded: { status: 503, title: 'Overloaded' },
  'deadline-exceeded': { status: 504, title: 'Deadline exceeded' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemSlug = keyof typeof problems;

/** The `type` URI of a slug (RFC 9457 §3.1.1; a tag-like URN, since it need not be fetched). */
export const problemType = (slug: ProblemSlug): string => `urn:bulkhead:problem:${slug}`;
