import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import type { MessagingObserver } from './observer';

export interface PrunerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** Default 60,000 ms. */
  readonly intervalMs?: number;
  /** Rows deleted per statement. Default 1,000. */
  readonly batchSize?: number;
}

export interface Pruner {
  start(): void;
  /** Deletes what is past its age now, batch by batch; returns how many rows of each table. */
  prune(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/**
 * The inbox outlives the longest redelivery (dead letters, 14 days), so that a late repetition is still known. Sent rows
 * are found from the front of the outbox: positions and ages have the same order, but for what is unsent.
 */
const statements = {
  outbox: `delete from outbox where position = any (array(
      select position from outbox where sent_at < clock_timestamp() - interval '24 hours'
        and created_at < clock_timestamp() - interval '24 hours'
      order by position limit $1 for update skip locked))`,
  inbox: `delete from inbox where ctid = any (array(
      select ctid from inbox where handled_at < clock_timestamp() - interval '30 days'
      limit $1 for update skip locked))`,
  dead_letter: `delete from dead_letter where ctid = any (array(
      select ctid from dead_letter where dead_at < clock_timestamp() - interval '14 days'
      order by dead_at limit $1 for update skip locked))`,
};

/** Keeps the tables of messaging from growing: sent rows 24 h, inbox 30 days, dead letters 14 days. */
export function createPruner(options: PrunerOptions): Pruner {
  const { database, clock } = options;
  const batchSize = options.batchSize ?? 1_000;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function prune() {
    const deleted: Record<string, number> = {};
    for (const [table, text] of Object.entries(statements)) {
      let last = batchSize;
      deleted[table] = 0;
      while (last === batchSize && !stopping.signal.aborted) {
        const { rowCount } = await database.query({ name: `prune-${table}`, text, values: [batchSize] });
        last = rowCount;
        deleted[table] += last;
      }
    }
    return deleted;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await prune().catch((error: unknown) =>
        options.observer?.trouble?.({ where: 'pruning messages', error }),
      );
      await clock.sleep(options.intervalMs ?? 60_000, stopping.signal).catch(() => undefined);
    }
  }

  return {
    start() {
      running ??= run();
    },
    prune,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
