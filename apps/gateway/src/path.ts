import { problem } from '@bulkhead/service/errors';
import { nothingHere } from '@bulkhead/service/http/address';

export interface RequestPath {
  readonly segments: readonly string[];
  /** The target is already in canonical form. */
  readonly isCanonical: boolean;
}

/**
 * The segments of a request's path, decoded and validated. Anything that parsers could interpret differently is
 * rejected: dot segments, empty segments, encoded slashes, backslashes, control characters, invalid encodings.
 * @param target without a fragment, which no request target has
 * @throws ProblemError malformed-request; not-found for a trailing slash, which no address here has
 */
export function readPath(target: string): RequestPath {
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  if (plain.test(path)) return { segments: path.slice(1).split('/'), isCanonical: true };
  if (!path.startsWith('/')) throw ambiguous();
  if (path === '/') return { segments: [], isCanonical: false };
  if (/[^/]\/$/.test(path)) throw nothingHere();
  const segments = path
    .slice(1)
    .split('/')
    .map((raw) => {
      const segment = decode(raw);
      if (segment === '' || segment === '.' || segment === '..' || forbidden.test(segment)) throw ambiguous();
      return segment;
    });
  return { segments, isCanonical: false };
}

/** Path and query for the service: the same segments, encoded canonically (RFC 3986). */
export function canonicalTarget({ segments, isCanonical }: RequestPath, target: string): string {
  if (isCanonical) return target;
  const query = target.indexOf('?');
  const path = `/${segments.map(encodeURIComponent).join('/')}`;
  return query < 0 ? path : path + target.slice(query);
}

/** Segments of unreserved characters (RFC 3986 §2.3) that are no dot segments: the path is its own canonical form. */
const plain = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;

const forbidden = /[\u0000-\u001f\u007f/\\;]|%[0-9a-f]{2}/i;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw ambiguous();
  }
}

const ambiguous = () =>
  problem(
    'malformed-request',
    'The path contains an empty or dot segment, a character that is not allowed even when encoded, or invalid UTF-8.',
  );
