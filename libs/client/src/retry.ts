/** What a client does about a request that got no good response. */
export interface RetryPolicy {
  /** Most attempts of a request, the first included. Default 4. */
  readonly attempts: number;
  /** Longest pause before an attempt, in ms: where the shop asks for more, the problem is thrown at once. Default 30,000. */
  readonly maxPauseMs: number;
}

const firstPauseMs = 200;

/** Statuses after which the same request may go well. */
const passing: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/**
 * May a request be sent again after this response? What was turned away by its rate (429) was not begun; anything else may
 * have been, and is repeated only where repeating does nothing twice.
 * @param slug of its problem
 */
export const isWorthRepeating = (status: number, slug: string, isRepeatable: boolean): boolean =>
  status === 429 || (isRepeatable && (passing.has(status) || slug === 'idempotency-in-progress'));

/**
 * Repeating does nothing twice: by its method (RFC 9110 §9.2.2), unless it depends on a state that it changes itself, or by
 * an Idempotency-Key.
 */
export const isRepeatable = (method: string, headers: Headers): boolean =>
  headers.has('idempotency-key') ||
  (['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) && !headers.has('if-match'));

/**
 * ms until the next attempt: as `Retry-After` says (RFC 9110 §10.2.3, seconds or a date), else growing with each attempt,
 * at random within its upper half so that clients do not come back all at once.
 * @param attempt 1 after the first
 */
export function pauseBefore(attempt: number, retryAfter: string | null, now: number, random: number): number {
  if (retryAfter !== null) {
    const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  return firstPauseMs * 2 ** (attempt - 1) * (0.5 + random / 2);
}
