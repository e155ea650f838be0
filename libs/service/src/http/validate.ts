import type { Endpoint, ParsedRequest } from '@bulkhead/contracts/endpoint';
import { z } from 'zod';
import { problem } from '../errors';

/** The parts of a request before validation: strings as they came, and the body as JSON or bytes. */
export interface RawRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

/** Checks requests against an endpoint's schemas, closed: what the endpoint does not know is refused. */
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
      query: endpoint.query || !isEmpty(raw.query) ? check('query', query, raw.query, findings) : undefined,
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

const mostFindings = 20;

function check(part: string, schema: z.ZodType, value: unknown, findings: Finding[]): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const names =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of names) {
      if (findings.length >= mostFindings) return undefined;
      findings.push({
        pointer: `/${[part, ...path].map(escapePointer).join('/')}`,
        detail: issue.code === 'unrecognized_keys' ? 'is not known here' : issue.message,
      });
    }
  }
  return undefined;
}

function refuseBody(body: unknown, findings: Finding[]): undefined {
  if (body !== undefined) findings.push({ pointer: '/body', detail: 'a body is not expected here' });
  return undefined;
}

/** RFC 6901 §3; bounded, since the name came from outside. */
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
