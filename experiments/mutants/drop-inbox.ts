import type { Result } from '@bulkhead/database/database';
import type { Surroundings } from '@bulkhead/service/runtime/assemble';
import { alterStatements } from './alter-statements';

/** Every event is taken for new: one that is delivered twice has its effect twice. */
export function dropInbox(surroundings: Surroundings): Surroundings {
  const { database } = surroundings;
  if (!database) return surroundings;
  return {
    ...surroundings,
    database: alterStatements(database, async (statement, run) => {
      const result = await run(statement);
      if (statement.name !== 'inbox-claim') return result;
      const [, ids] = statement.values as [string, string[]];
      const rows = ids.map((id) => ({ id })) as never[];
      return { rows, rowCount: rows.length } satisfies Result<never>;
    }),
  };
}
