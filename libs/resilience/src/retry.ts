import type { Clock } from './clock';
import type { Deadline } from './deadline';
import { BreakerOpen, BulkheadFull, DeadlineExceeded, isCancellation, retryAfterMsOf } from './errors';
import type { RetryBudget } from './retry-budget';

export interface RetrySettings {
  /** Total number of attempts, including the first. Default 3. */
  readonly attempts?: number;
  /** Upper bound of the delay before the second attempt, in ms; doubles with each further attempt. Default 50. */
  readonly baseDelayMs?: number;
  /** Maximum delay, in ms. An error that asks for a longer one is not retried. Default 1000. */
  readonly maxDelayMs?: number;
  /** Shared by all calls to the same peer; without one, only `attempts` bounds retries. */
  readonly budget?: RetryBudget;
  /** Default: everything except errors for which retrying now is pointless (see `isWorthRetrying`). */
  readonly isRetryable?: (error: unknown) => boolean;
}

export interface RetryOptions extends RetrySettings {
  readonly clock: Clock;
  /** No attempt starts after it, and no delay that would end after it. */
  readonly deadline?: Deadline;
  /** Ends a delay early, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** In [0, 1). Default Math.random. */
  readonly random?: () => number;
  /** Called before each delay. `attempt` is the number of the one that failed, from 1. */
  readonly onRetry?: (retry: { attempt: number; delayMs: number; error: unknown }) => void;
  /** Called when a retry was due and the budget was exhausted. */
  readonly onBudgetExhausted?: () => void;
}

/**
 * Calls `work` until it succeeds or must not be retried. Delays are random between 0 and an exponentially growing bound
 * ("full jitter", AWS Architecture Blog 2015), on top of the error's `retryAfterMs` if it has one. For idempotent work
 * only, and in one layer only.
 * @throws what the last attempt threw; DeadlineExceeded if there was no time for the first
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, deadline, signal, budget, onRetry, onBudgetExhausted } = options;
  const { attempts = 3, baseDelayMs = 50, maxDelayMs = 1000 } = options;
  const { isRetryable = isWorthRetrying, random = Math.random } = options;
  budget?.deposit();

  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    if (deadline?.expired()) throw new DeadlineExceeded();
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attempts || !isRetryable(error)) throw error;

      const askedMs = retryAfterMsOf(error) ?? 0;
      const delayMs = askedMs + random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
      if (askedMs > maxDelayMs || (deadline && delayMs >= deadline.remainingMs())) throw error;

      if (budget && !budget.withdraw()) {
        onBudgetExhausted?.();
        throw error;
      }
      onRetry?.({ attempt, delayMs, error });
      await clock.sleep(delayMs, signal);
    }
  }
}

/** False if a retry cannot help: no time left, no caller waiting, or rejected before anything was attempted. */
export const isWorthRetrying = (error: unknown): boolean =>
  !(
    error instanceof DeadlineExceeded ||
    error instanceof BreakerOpen ||
    error instanceof BulkheadFull ||
    isCancellation(error)
  );
