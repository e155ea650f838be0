import type { Queryable, Statement } from '@bulkhead/database/database';

/** Deletes at most `$1` obsolete rows. */
export type PruneStatement = Pick<Statement, 'name' | 'text'>;

export interface PruneOptions {
  /** Rows per statement: few enough for short locks. Default 1,000. */
  readonly batch?: number;
  /** Checked between batches. */
  readonly signal?: AbortSignal;
}

/**
 * Repeats the statement until it finds less than a full batch. A table cannot outgrow it, since a batch costs less than
 * the requests that created its rows.
 * @returns the number of deleted rows
 */
export async function pruneAll(
  db: Queryable,
  statement: PruneStatement,
  { batch = 1_000, signal }: PruneOptions = {},
): Promise<number> {
  let pruned = 0;
  for (let last = batch; last >= batch && !signal?.aborted; pruned += last)
    last = (await db.query({ ...statement, values: [batch] })).rowCount;
  return pruned;
}
