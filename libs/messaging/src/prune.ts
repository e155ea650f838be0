import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';

/**
 * The oldest rows are looked at, never the whole table: positions and ages have the same order. The inbox outlives the
 * longest redelivery (a dead letter's 14 days), so that a late repetition is still known.
 */
const statements = {
  outbox: `delete from outbox where sent_at < statement_timestamp() - interval '24 hours'
    and position = any (array(select position from outbox where parked_at is null order by position limit $1))`,
  inbox: `delete from inbox where ctid = any (array(
    select ctid from inbox where handled_at < statement_timestamp() - interval '30 days' limit $1))`,
  dead_letter: `delete from dead_letter where ctid = any (array(
    select ctid from dead_letter where dead_at < statement_timestamp() - interval '14 days' order by dead_at limit $1))`,
};

export interface PruneOptions {
  /** Rows looked at per statement. Default 1,000. */
  readonly batchSize?: number;
  /** Ends between two batches. */
  readonly signal?: AbortSignal;
}

/**
 * Keeps the tables of messaging from growing: sent rows go after 24 h, inbox rows after 30 days, dead letters after 14,
 * in small batches. To be run every minute or so. Returns how many rows of each table went.
 */
export async function prune(
  database: Database,
  { batchSize = 1_000, signal }: PruneOptions = {},
): Promise<Readonly<Record<keyof typeof statements, number>>> {
  const deleted = { outbox: 0, inbox: 0, dead_letter: 0 };
  for (const table of Object.keys(statements) as (keyof typeof statements)[]) {
    const statement = { name: `prune-${table}`, text: statements[table] };
    deleted[table] = await pruneAll(database, statement, { batch: batchSize, ...(signal && { signal }) });
  }
  return deleted;
}
