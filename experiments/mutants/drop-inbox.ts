import type { Result } from '@bulkhead/database/database';
import type { Infrastructure } from '@bulkhead/service/runtime/assemble';
import { alterStatements } from './alter-statements';

/** Every event is taken for new: one that is delivered twice has its effect twice. */
export function dropInbox(infrastructure: Infrastructure): Infrastructure {
  const { database } = infrastructure;
  if (!database) return infrastructure;
  return {
    ...infrastructure,
    database: alterStatements(database, async (statement, run) => {
      const result = await run(statement);
      if (statement.name !== 'inbox-claim') return result;
      const [, ids] = statement.values as [string, string[]];
      const rows = ids.map((id) => ({ id })) as never[];
      return { rows, rowCount: rows.length } satisfies Result<never>;
    }),
  };
}
