import type { Statement, Transaction } from '@bulkhead/database/database';
import { type Driver, send } from '@bulkhead/database/driver';
import type { PooledDatabase } from '@bulkhead/database/pool';
import type { Life, Stage } from './stage';

/** Sees each statement before it is made, wherever it is made, and may replace it: that is how faults are planted. */
export type StatementWatch = (statement: Statement) => Statement;

/** The database of one incarnation: each statement and each transaction is an act on the stage. */
export function watchDatabase(
  database: PooledDatabase,
  stage: Stage,
  life: Life,
  watch: StatementWatch,
): PooledDatabase {
  return {
    ...database,
    query: (statement) =>
      stage.act(life, 'data', statement.name ?? firstWords(statement), () =>
        database.query<never>(watch(statement)),
      ),
    [send]: (statement) =>
      stage.act(life, 'data', firstWords(statement), () => database[send](watch(statement))),
    transaction: (work, options) =>
      stage.act(life, 'data', 'transaction', () =>
        database.transaction((tx) => {
          const watched: Transaction & Driver = {
            ...tx,
            query: (statement) => tx.query<never>(watch(statement)),
            [send]: (statement) => (tx as Transaction & Driver)[send](watch(statement)),
            afterCommit: (callback) =>
              tx.afterCommit(() => {
                if (!life.isDead) stage.outside(callback);
              }),
          };
          return work(watched);
        }, options),
      ),
  };
}

const firstWords = ({ text }: Statement): string => text.trim().split(/\s+/).slice(0, 3).join(' ');
