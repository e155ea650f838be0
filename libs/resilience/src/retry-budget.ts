import type { Clock } from './clock';

export interface RetryBudgetOptions {
  readonly clock: Clock;
  /** Retries earned by each first attempt. Default 0.1: retries add at most 10 % load. */
  readonly ratio?: number;
  /** Retries allowed per window regardless of traffic, so that an idle service can retry too. Default 10. */
  readonly reserve?: number;
  /** Time in which a used reserve is restored, in ms. Default 10 000. */
  readonly windowMs?: number;
  /** Maximum number of earned retries that are saved up. Default 100. */
  readonly maxSaved?: number;
}

/**
 * Keeps retries from multiplying an outage: first attempts deposit tokens and retries withdraw them (retry budgets:
 * Google SRE book, ch. 21; the balance as in Finagle's RetryBudget). Share one among all calls to the same peer. At any
 * time retries ≤ ratio × first attempts + reserve × (1 + elapsed / window).
 */
export interface RetryBudget {
  /** Call it on each first attempt. */
  deposit(): void;
  /** Withdraws one retry; false when the budget is exhausted. */
  withdraw(): boolean;
  /** Number of retries available now. */
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
