import type { Queryable, Statement } from '@bulkhead/database/database';

/** Deletes at most `$1` rows that nobody needs any more. */
export type PruneStatement = Pick<Statement, 'name' | 'text'>;

export interface PruneOptions {
  /** Rows a statement: few enough that its locks go unnoticed. Default 1,000. */
  readonly batch?: number;
  /** Ends between two batches. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the statement until it finds less than a batch: however fast a table grows, it is pruned faster, since a batch costs
 * less than the requests that made its rows.
 * @returns how many rows went
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
