import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';

/** Logs why service tokens are rejected, at most once a minute: the cause is usually the same for all calls. */
export interface RefusalLog {
  /** @param reason a short sentence without the token @param error its cause, if any */
  refused(reason: string, error?: unknown): void;
}

const everyMs = 60_000;

export function createRefusalLog(logger: Pick<Logger, 'warn'>, clock: Clock): RefusalLog {
  let saidAt = -Infinity;
  let unsaid = 0;
  return {
    refused(reason, error) {
      unsaid += 1;
      if (clock.monotonic() - saidAt < everyMs) return;
      logger.warn({ reason, count: unsaid, error }, 'service token was rejected');
      saidAt = clock.monotonic();
      unsaid = 0;
    },
  };
}
