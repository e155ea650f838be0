import type { Database } from '@bulkhead/database/database';

const keptDays = 90;

/** Forgets that persons were forgotten: auth does not know them any more, so nothing can bring their profile back. */
export async function pruneErasures(database: Database): Promise<void> {
  await database.query({
    name: 'prune-erasures',
    text: `delete from erasures where id in (
      select id from erasures where completed_at < now() - $1::interval limit 500 for update skip locked)`,
    values: [`${keptDays} days`],
  });
}
