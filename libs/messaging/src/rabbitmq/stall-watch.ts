import type { Clock } from '@bulkhead/resilience/clock';

export interface StallWatch {
  /** The broker did what was asked. */
  worked(): void;
  /** It did not, although it is connected. @param tookMs how long it was waited for */
  failed(error: unknown, tookMs?: number): void;
  /** The connection changed or was lost: nothing is known, and nothing is reported. */
  reset(): void;
}

/**
 * Detects a broker that is connected but does not work, such as one whose queues have lost their quorum. Reports when
 * nothing has succeeded for `afterMs` (default 5,000), and when something succeeds again.
 */
export function createStallWatch({
  clock,
  onStalled,
  onRecovered,
  afterMs = 5_000,
}: {
  readonly clock: Clock;
  readonly onStalled: (error: unknown) => void;
  readonly onRecovered: () => void;
  readonly afterMs?: number;
}): StallWatch {
  let failingSince: number | undefined;
  let stalled = false;
  return {
    worked() {
      failingSince = undefined;
      if (!stalled) return;
      stalled = false;
      onRecovered();
    },
    failed(error, tookMs = 0) {
      const now = clock.monotonic();
      failingSince ??= now - tookMs;
      if (stalled || now - failingSince < afterMs) return;
      stalled = true;
      onStalled(error);
    },
    reset() {
      failingSince = undefined;
      stalled = false;
    },
  };
}
