import type { Endpoint, ParsedRequest } from '@bulkhead/contracts/endpoint';
import { z } from 'zod';
import { problem } from '../errors';
import { sentenceFor } from './invalid-input';

/** The parts of a request before validation: raw strings, and the body as JSON or bytes. */
export interface RawRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

/** Validates requests against an endpoint's schemas; unknown fields are rejected. */
export type Validate = (raw: RawRequest) => ParsedRequest<Endpoint>;

/**
 * Compiles the validation of an endpoint once.
 * @returns a function that throws `invalid-request` with a JSON pointer per finding: `/body/…`, `/query/…`, `/path/…`
 *   or `/headers/…`
 */
export function compileValidation(endpoint: Endpoint): Validate {
  const closed = (schema: z.ZodObject | undefined) => (schema ?? z.object({})).strict();
  const params = closed(endpoint.params);
  const query = closed(endpoint.query);
  const { headers, body } = endpoint;
  const headerNames = headers ? Object.keys(headers.shape) : [];
  const parseBody = body instanceof z.ZodObject ? body.strict() : body;

  return (raw) => {
    const findings: Finding[] = [];
    const parsed = {
      params:
        endpoint.params || !isEmpty(raw.params) ? check('path', params, raw.params, findings) : undefined,
      query:
        endpoint.query || !isEmpty(raw.query)
          ? check('query', query, refuseEmpty(raw.query, query.shape, findings), findings)
          : undefined,
      headers: headers ? check('headers', headers, pick(raw.headers, headerNames), findings) : undefined,
      body: endpoint.rawBody
        ? raw.body
        : parseBody
          ? check('body', parseBody, raw.body, findings)
          : refuseBody(raw.body, findings),
    };
    if (findings.length > 0) throw problem('invalid-request', { errors: findings });
    return parsed as ParsedRequest<Endpoint>;
  };
}

interface Finding {
  readonly pointer: string;
  readonly detail: string;
}

const maxFindings = 20;

function check(part: string, schema: z.ZodType, value: unknown, findings: Finding[]): unknown {
  const result = schema.safeParse(value, { error: sentenceFor });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (isShadowed(issue, result.error.issues)) continue;
    const names =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of names) {
      if (findings.length >= maxFindings) return undefined;
      const pointer = pointerTo(part, path);
      // One sentence per field: further errors of it often follow from the first.
      if (!findings.some((finding) => finding.pointer === pointer))
        findings.push({ pointer, detail: issue.message });
    }
  }
  return undefined;
}

/** A number too large to be exact also exceeds the limit of its field, which is the better message. */
const isShadowed = (issue: z.core.$ZodIssue, issues: readonly z.core.$ZodIssue[]): boolean =>
  'note' in issue && issues.some((other) => other !== issue && other.path.join('/') === issue.path.join('/'));

/** Rejects empty query parameters; `known` are those of the endpoint. */
function refuseEmpty(query: RawRequest['query'], known: object, findings: Finding[]): RawRequest['query'] {
  if (!Object.values(query).includes('')) return query;
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(query))
    if (value === '' && Object.hasOwn(known, name))
      findings.push({ pointer: pointerTo('query', [name]), detail: 'must not be empty' });
    else given[name] = value;
  return given;
}

function refuseBody(body: unknown, findings: Finding[]): undefined {
  if (body !== undefined)
    findings.push({ pointer: '/body', detail: 'must be empty: this endpoint takes no body' });
  return undefined;
}

const pointerTo = (part: string, path: readonly PropertyKey[]): string =>
  `/${[part, ...path].map(escapePointer).join('/')}`;

/** RFC 6901 §3; truncated, since the name came from outside. */
const escapePointer = (part: PropertyKey): string =>
  String(part).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

const isEmpty = (record: object): boolean => {
  for (const _ in record) return false;
  return true;
};

function pick(headers: RawRequest['headers'], names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
