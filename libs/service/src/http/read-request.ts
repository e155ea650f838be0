import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { problem } from '../errors';

/** Default body limit of an endpoint, in bytes. */
export const defaultBodyLimit = 100 * 1024;

/** Bodies that were read before the request was passed on within the process. */
const bodiesRead = new WeakMap<IncomingMessage, { readonly body: Buffer | undefined }>();

/** Makes readBody return `body` for a request whose body was already read. */
export const keepBody = (request: IncomingMessage, body: Buffer | undefined): void =>
  void bodiesRead.set(request, { body });

/** Whether a request came from within this process and was therefore already admitted. */
export const wasHandedOn = (request: IncomingMessage): boolean => bodiesRead.has(request);

/** Whether the request has a body (RFC 9112 §6.3). */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

export interface ReadBodyOptions {
  /** Ms until the whole body must have arrived. Default: the lifetime of the connection, which the server limits. */
  readonly withinMs?: number;
  /** Called with the bytes of every chunk; a returned problem rejects the body. */
  readonly refuse?: (bytes: number) => Error | undefined;
}

/**
 * Reads a body of at most `limit` bytes.
 * @throws ProblemError content-too-large, unsupported-media-type (compressed), malformed-request (cut off),
 * request-timeout and what `refuse` returns
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  { withinMs, refuse }: ReadBodyOptions = {},
): Promise<Buffer | undefined> {
  const kept = bodiesRead.get(request);
  if (kept) return Promise.resolve(kept.body);
  const { headers } = request;
  if (!hasBody(request)) return Promise.resolve(undefined);
  if (request.readableEnded)
    return Promise.reject(
      new Error('middleware before the operation has read the body, which nobody else can'),
    );
  const length = headers['content-length'];
  if (length !== undefined && Number(length) > limit) return Promise.reject(tooLarge(limit));
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return Promise.reject(
      problem('unsupported-media-type', {
        detail: 'Compressed bodies are not supported.',
        headers: { 'accept-encoding': 'identity' },
      }),
    );

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer =
      withinMs === undefined
        ? undefined
        : setTimeout(
            () => settle(() => reject(problem('request-timeout', { headers: { connection: 'close' } }))),
            withinMs,
          );
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      request.removeListener('data', onData);
      request.removeListener('end', onEnd);
      request.removeListener('error', onCut);
      request.removeListener('aborted', onCut);
      outcome();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return settle(() => reject(tooLarge(limit)));
      chunks.push(chunk);
      const refusal = refuse?.(chunk.length);
      if (refusal) settle(() => reject(refusal));
    };
    // The listeners are garbage-collected with the request, which emits no more events.
    const onEnd = () => {
      clearTimeout(timer);
      resolve(size === 0 ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
    };
    const onCut = () => settle(() => reject(problem('malformed-request', 'The body was cut off.')));
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('error', onCut);
    request.on('aborted', onCut);
  });
}

const tooLarge = (limit: number) => problem('content-too-large', `The body must be at most ${limit} bytes.`);

/** A parser may ignore it (RFC 8259 §8.1). */
const hasByteOrderMark = (body: Buffer): boolean =>
  body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;

/**
 * A body as JSON (RFC 8259: UTF-8).
 * @throws ProblemError unsupported-media-type, malformed-request
 */
export function parseJsonBody(body: Buffer | undefined, contentType: string | undefined): unknown {
  if (body === undefined) return undefined;
  if (contentType !== 'application/json' && !(contentType !== undefined && jsonType.test(contentType)))
    throw problem('unsupported-media-type', {
      detail: 'Send application/json encoded as UTF-8.',
      headers: { accept: 'application/json' },
    });
  if (!isUtf8(body)) throw problem('malformed-request', 'The body is not UTF-8.');
  const text = body.toString('utf8', hasByteOrderMark(body) ? 3 : 0);
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    throw problem('malformed-request', 'The body is not JSON.');
  }
  if (hasLoneSurrogate(text))
    throw problem('invalid-request', {
      errors: [{ pointer: '/body', detail: 'contains a string that is not well-formed Unicode' }],
    });
  return value;
}

/**
 * An unpaired surrogate, such as the escape `\ud800`, is valid JSON but not Unicode text (RFC 7493 §2.1), and
 * PostgreSQL rejects it. It can only be an escape, since the body was UTF-8.
 */
const hasLoneSurrogate = (json: string): boolean =>
  json.includes('\\u') &&
  surrogate.test(json) &&
  surrogate.test(json.replaceAll(escapedBackslashOrPair, ' '));

const surrogate = /\\u[dD][89a-fA-F]/;
const escapedBackslashOrPair = /\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/g;

const jsonType = /^application\/(json|[a-z0-9.+-]+\+json)\s*(;\s*charset="?utf-8"?\s*)?$/i;

/**
 * The query of a request target as single values.
 * @throws ProblemError malformed-request for invalid percent-encoding, invalid-request for a repeated name
 */
export function parseQuery(target: string): Record<string, string> {
  const start = target.indexOf('?');
  if (start < 0 || start === target.length - 1) return {};
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of target.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (name in query)
      throw problem('invalid-request', {
        errors: [{ pointer: `/query/${name.slice(0, 100)}`, detail: 'must not be given more than once' }],
      });
    query[name] = equals < 0 ? '' : decode(pair.slice(equals + 1));
  }
  return { ...query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw problem('malformed-request', 'The query string is not valid percent-encoded UTF-8.');
  }
}
