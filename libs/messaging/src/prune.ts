import { pruneAll } from '@bulkhead/durable/prune';
import type { Database } from '@bulkhead/database/database';

/**
 * Only the oldest rows are read, never the whole table: positions and ages have the same order. The inbox is kept
 * longer than the latest possible redelivery (a dead letter's 14 days), so that it is still recognised.
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
  /** Rows read per statement. Default 1,000. */
  readonly batchSize?: number;
  /** Checked between batches. */
  readonly signal?: AbortSignal;
}

/**
 * Deletes old rows from the messaging tables in small batches: sent rows after 24 h, inbox rows after 30 days, dead
 * letters after 14 days. Run it about once a minute. Returns the number of deleted rows per table.
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
