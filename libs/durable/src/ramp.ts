/**
 * Concurrency by outcome: one more after each success, half after each failure (additive increase, multiplicative
 * decrease, as in TCP: RFC 5681), so that a recovering peer is not overwhelmed.
 */
export interface Ramp {
  /** From 1 to `max`; may be a fraction. */
  limit(): number;
  succeeded(): void;
  failed(): void;
  /** The cause of the failure is unknown: back to one. */
  reset(): void;
}

export function createRamp(max: number): Ramp {
  let limit = 1;
  return {
    limit: () => limit,
    succeeded: () => void (limit = Math.min(max, limit + 1)),
    failed: () => void (limit = Math.max(1, limit / 2)),
    reset: () => void (limit = 1),
  };
}
