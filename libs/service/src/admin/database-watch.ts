import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';

const probeEveryMs = 3_000;
/** A blip shorter than this keeps the pod in rotation: its requests answer 503 by themselves. */
const toleratedMs = 15_000;

/** Asks the own database now and then, and tells when it has been away for more than 15 s. */
export function watchDatabase(database: Database, clock: Clock): { isAway(): boolean; stop(): void } {
  let lastSeen = clock.monotonic();
  const stopping = new AbortController();
  const watch = async () => {
    while (!stopping.signal.aborted) {
      try {
        await database.query({ text: 'select 1' });
        lastSeen = clock.monotonic();
      } catch {
        // What counts is how long ago it last answered.
      }
      await clock.sleep(probeEveryMs, stopping.signal).catch(() => undefined);
    }
  };
  void watch();
  return {
    isAway: () => clock.monotonic() - lastSeen > toleratedMs,
    stop: () => stopping.abort(),
  };
}
