/** The caller's time is used up: whatever is left of the work is not wanted any more. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(message = 'The deadline has passed', options?: ErrorOptions) {
    super(message, options);
  }
}

/** One attempt took longer than its own limit; the caller's deadline may still allow another. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout';
  readonly timeoutMs: number;
  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(`No answer within ${timeoutMs} ms`, options);
    this.timeoutMs = timeoutMs;
  }
}

/** Not tried: the circuit breaker of `breaker` is open, or half-open with all probes out. */
export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen';
  readonly breaker: string;
  readonly retryAfterMs: number;
  constructor(breaker: string, retryAfterMs: number) {
    super(`${breaker} is failing; calls are stopped for now`);
    this.breaker = breaker;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Not tried: as many calls as `bulkhead` allows are running and waiting, or the wait for a place was too long. */
export class BulkheadFull extends Error {
  override readonly name = 'BulkheadFull';
  readonly bulkhead: string;
  readonly retryAfterMs: number;
  constructor(bulkhead: string, retryAfterMs: number) {
    super(`${bulkhead} has no free place`);
    this.bulkhead = bulkhead;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An error that says when it makes sense to come back, such as a 503 with `Retry-After`. */
export const retryAfterMsOf = (error: unknown): number | undefined => {
  const value = (error as { retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
  return typeof value === 'number' && value >= 0 ? value : undefined;
};

/** The caller went away (an AbortController without a reason of its own): says nothing about who was called. */
export const isCancellation = (error: unknown): boolean =>
  (error as { name?: unknown } | null | undefined)?.name === 'AbortError';

/**
 * Why a request did not get to run: the queue was full; it would have waited too long; past its deadline; it waited in
 * vain; its caller is gone.
 */
export const refusalReasons = ['full', 'delay', 'deadline', 'timeout', 'gone'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Not begun: more is asked for than can be done in time. */
export class AdmissionRefused extends Error {
  override readonly name = 'AdmissionRefused';
  readonly reason: RefusalReason;
  /** Overload lasts seconds, or is a burst that is over by then. */
  readonly retryAfterMs = 1_000;
  constructor(reason: RefusalReason) {
    super(`Overloaded: ${reason}`);
    this.reason = reason;
  }
}
