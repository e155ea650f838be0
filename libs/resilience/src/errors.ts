/** The caller's time is used up: the rest of the work is no longer wanted. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(message = 'The deadline has passed', options?: ErrorOptions) {
    super(message, options);
  }
}

/** One attempt exceeded its timeout; the caller's deadline may still allow another. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout';
  readonly timeoutMs: number;
  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(`No answer within ${timeoutMs} ms`, options);
    this.timeoutMs = timeoutMs;
  }
}

/** Not attempted: the circuit breaker `breaker` is open, or half-open with all probes in progress. */
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

/** Not attempted: `bulkhead` has no free slot and its queue is full, or the wait for a slot was too long. */
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

/** An error that says when to retry, such as a 503 with `Retry-After`. */
export const retryAfterMsOf = (error: unknown): number | undefined => {
  const value = (error as { retryAfterMs?: unknown } | null | undefined)?.retryAfterMs;
  return typeof value === 'number' && value >= 0 ? value : undefined;
};

/** The caller disconnected (an AbortController without a reason of its own): says nothing about the dependency. */
export const isCancellation = (error: unknown): boolean =>
  (error as { name?: unknown } | null | undefined)?.name === 'AbortError';

/**
 * Why a request was not started: the queue was full; the wait would be too long; past its deadline; the wait was in
 * vain; the caller disconnected.
 */
export const refusalReasons = ['full', 'delay', 'deadline', 'timeout', 'gone'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Not started: more was requested than can be done in time. */
export class AdmissionRefused extends Error {
  override readonly name = 'AdmissionRefused';
  readonly reason: RefusalReason;
  /** Overload lasts seconds, or is a burst that has passed by then. */
  readonly retryAfterMs = 1_000;
  constructor(reason: RefusalReason) {
    super(`Overloaded: ${reason}`);
    this.reason = reason;
  }
}
