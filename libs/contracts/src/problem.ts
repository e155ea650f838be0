import { z } from 'zod';
import { documentedAs } from './documented-as';

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

/**
 * As clients read it: open in the validating schema, since a service reads problems of newer releases, and an
 * enumeration in documents.
 */
const ProblemType = documentedAs(z.string(), {
  id: 'ProblemType',
  type: 'string',
  enum: Object.keys(problems).map((slug) => problemType(slug as ProblemSlug)),
  'x-enum-varnames': Object.keys(problems).map((slug) => slug.replaceAll('-', '_').toUpperCase()),
  description: 'Kind of problem. Later releases may have more: treat what you do not know by its status.',
}).meta({ id: 'ProblemType' });

const InvalidField = z
  .object({ pointer: z.string(), detail: z.string() })
  .meta({ id: 'InvalidField', description: 'A part of the request that is invalid, and why' });

/** RFC 9457 problem details, the format of every error response. */
export const Problem = z
  .looseObject({
    type: ProblemType,
    title: z
      .string()
      .meta({ description: 'what it means, the same for each of its type', examples: ['Out of stock'] }),
    status: z
      .int()
      .min(100)
      .max(599)
      .meta({ description: 'that of the response', examples: [409] }),
    detail: z
      .string()
      .optional()
      .meta({ description: 'what happened this time, for people', examples: ['There is no such product.'] }),
    instance: z.string().optional().meta({ description: 'id of the request, as in logs and traces' }),
    errors: z
      .array(InvalidField)
      .optional()
      .meta({ description: 'what is invalid: JSON pointers (RFC 6901) into the request' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was not carried out (RFC 9457)' });
export type Problem = z.infer<typeof Problem>;
