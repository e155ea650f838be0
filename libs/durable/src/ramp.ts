/**
 * How much is tried at once, by how it went: one more with each success, half with each failure (additive increase,
 * multiplicative decrease, as TCP does it: RFC 5681), so that a peer that comes back is not run over.
 */
export interface Ramp {
  /** From 1 to `max`; may be a fraction. */
  limit(): number;
  succeeded(): void;
  failed(): void;
  /** Nothing is known of what went wrong: back to one. */
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
