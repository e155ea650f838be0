import type { Queryable } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { TransitionRow } from '../orders/order-view';

/**
 * The client cannot ask for each order what is new since its own number.
 *
 * New transitions of the orders that are watched here, made by any replica. $1 order ids, each once, $2 sequences seen
 * so far
 */
const news = {
  name: 'order-timeline-news',
  text: `select order_id, sequence, state, reason, at
    from unnest($1::uuid[], $2::int[]) as watched(id, seen)
    join order_transition on order_id = watched.id and sequence > watched.seen
    order by order_id, sequence`,
};

interface Watcher {
  readonly orderId: string;
  seen: number;
  readonly notify: (transitions: readonly TransitionRow[]) => void;
}

export interface TimelineFeedDependencies {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Polling interval in ms: the maximum delay of another replica's transition. */
  readonly everyMs: number;
}

/**
 * Follows timelines for all streams: one statement per poll for all of them, and none without a stream. It polls the
 * database instead of using in-memory notifications, so that any replica's transition reaches every stream.
 */
export function createTimelineFeed({ db, clock, logger, everyMs }: TimelineFeedDependencies) {
  const watchers = new Set<Watcher>();
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const asked = [...watchers];
    const seen = new Map<string, number>();
    for (const watcher of asked)
      seen.set(watcher.orderId, Math.min(watcher.seen, seen.get(watcher.orderId) ?? Infinity));
    const { rows } = await db.query<TransitionRow & { order_id: string }>({
      ...news,
      values: [[...seen.keys()], [...seen.values()]],
    });
    for (const watcher of asked) {
      const fresh = rows.filter((row) => row.order_id === watcher.orderId && row.sequence > watcher.seen);
      const last = fresh.at(-1);
      if (!last || !watchers.has(watcher)) continue;
      watcher.seen = last.sequence;
      watcher.notify(fresh);
    }
  }

  async function lookWhileWatched(): Promise<void> {
    while (watchers.size > 0) {
      await look().catch((error: unknown) => logger.warn({ error }, 'timelines could not be read'));
      await clock.sleep(everyMs);
    }
    looking = undefined;
  }

  /**
   * Calls back with each transition of the order after `seen`, in order, from now on.
   * @returns a function that unsubscribes
   */
  return function watch(orderId: string, seen: number, notify: Watcher['notify']): () => void {
    const watcher: Watcher = { orderId, seen, notify };
    watchers.add(watcher);
    looking ??= lookWhileWatched();
    return () => void watchers.delete(watcher);
  };
}

export type WatchTimeline = ReturnType<typeof createTimelineFeed>;
