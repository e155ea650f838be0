import type { Queryable, Result, Statement } from '@bulkhead/database/database';
import type { PooledDatabase } from '@bulkhead/database/pool';

/** What becomes of a statement: it is run, perhaps another one, and perhaps something else is done once it has been. */
export type Alteration = (
  statement: Statement,
  run: (statement: Statement) => Promise<Result<never>>,
  /** Runs after the statement is durable. */
  later: (work: () => void) => void,
) => Promise<Result<never>>;

/** The database with statements altered on their way, on the pool and in transactions alike. */
export function alterStatements(database: PooledDatabase, alteration: Alteration): PooledDatabase {
  const queryOf =
    (target: Queryable, later: (work: () => void) => void): Queryable['query'] =>
    (statement: Statement) =>
      alteration(statement, (other) => target.query<never>(other), later);
  return {
    ...database,
    query: (statement) => {
      const after: (() => void)[] = [];
      return queryOf(database, (work) => after.push(work))(statement).then((result) => {
        for (const work of after) work();
        return result as never;
      });
    },
    transaction: (work, options) =>
      database.transaction(
        (tx) => work({ ...tx, query: queryOf(tx, (then) => tx.afterCommit(then)) }),
        options,
      ),
  };
}
