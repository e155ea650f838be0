import type { Clock } from './clock';

export interface RetryBudgetOptions {
  readonly clock: Clock;
  /** Retries that each first call earns. Default 0.1: retries add at most 10 % load. */
  readonly ratio?: number;
  /** Retries allowed per window whatever the traffic, so that a quiet service may retry too. Default 10. */
  readonly reserve?: number;
  /** Time in which a used reserve comes back, in ms. Default 10 000. */
  readonly windowMs?: number;
  /** Most earned retries that can be saved up. Default 100. */
  readonly maxSaved?: number;
}

/**
 * Keeps retries from multiplying an outage: they are paid from a purse that first calls fill (retry budgets: Google SRE
 * book, ch. 21; the purse as in Finagle's RetryBudget). Share one among all calls to the same peer. At any time
 * retries ≤ ratio × first calls + reserve × (1 + elapsed / window).
 */
export interface RetryBudget {
  /** To be told of each first call. */
  deposit(): void;
  /** Pays for one retry; false when there is nothing left to pay with. */
  withdraw(): boolean;
  /** Retries that could be paid for now. */
  readonly balance: number;
}

export function createRetryBudget(options: RetryBudgetOptions): RetryBudget {
  const { clock, ratio = 0.1, reserve = 10, windowMs = 10_000, maxSaved = 100 } = options;
  let saved = 0;
  let reserved = reserve;
  let refilledAt = clock.monotonic();

  const refill = () => {
    const now = clock.monotonic();
    reserved = Math.min(reserve, reserved + ((now - refilledAt) / windowMs) * reserve);
    refilledAt = now;
  };

  return {
    deposit() {
      saved = Math.min(maxSaved, saved + ratio);
    },
    withdraw() {
      refill();
      if (saved >= 1) saved -= 1;
      else if (reserved >= 1) reserved -= 1;
      else return false;
      return true;
    },
    get balance() {
      refill();
      return Math.floor(saved) + Math.floor(reserved);
    },
  };
}
