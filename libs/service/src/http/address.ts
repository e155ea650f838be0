import { problem, type ProblemError } from '../errors';
import type { ResponseValue } from './operation';

/** For unknown addresses; the most common mistakes are pointed out, not corrected. */
export const nothingHere = (): ProblemError =>
  problem(
    'not-found',
    'There is no resource at this path. Paths are case-sensitive and do not end with a slash.',
  );

/**
 * The value of Allow for an address with these methods (RFC 9110 §10.2.1): GET implies HEAD, and every address has
 * OPTIONS.
 */
export function allowed(methods: Iterable<string>): string {
  const all = new Set(methods);
  if (all.has('GET')) all.add('HEAD');
  return [...all, 'OPTIONS'].join(', ');
}

/** For a method that an address does not have (RFC 9110 §15.5.6). */
export const methodNotAllowed = (methods: Iterable<string>): ProblemError =>
  problem('method-not-allowed', { headers: { allow: allowed(methods) } });

/** The response to OPTIONS for an address with these methods (RFC 9110 §9.3.7). */
export const optionsOf = (methods: Iterable<string>): ResponseValue => ({
  status: 204,
  headers: { allow: allowed(methods) },
});
