import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';

const probeEveryMs = 3_000;
/** A shorter interruption keeps the pod in rotation: its requests get a 503 anyway. */
const toleratedMs = 15_000;

export interface DatabaseWatch {
  /** Why the service's own database has been unavailable for over 15 s; undefined while it is available. */
  unavailable(): string | undefined;
  stop(): void;
}

/** Probes the service's own database every 3 s: whether it is reachable and not a standby. */
export function watchDatabase(database: Database, clock: Clock): DatabaseWatch {
  let lastSeen = clock.monotonic();
  let reason = '';
  const stopping = new AbortController();
  const watch = async () => {
    while (!stopping.signal.aborted) {
      try {
        const { rows } = await database.query<{ standby: boolean }>({
          text: 'select pg_is_in_recovery() as standby',
        });
        if (rows[0]?.standby) reason = 'database is unavailable: the server is a standby';
        else lastSeen = clock.monotonic();
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      await clock.sleep(probeEveryMs, stopping.signal).catch(() => undefined);
    }
  };
  void watch();
  return {
    unavailable: () => (clock.monotonic() - lastSeen > toleratedMs ? reason : undefined),
    stop: () => stopping.abort(),
  };
}
