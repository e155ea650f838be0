import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable } from '@bulkhead/database/errors';

/** The handling of a message began so often and never came to an end that it must be what ends the process. */
const maxBeginnings = 10;

/**
 * Beginnings are rows of the inbox under ids made from the message's, so that they outlive the process and are pruned like
 * others. The first id that is free is taken.
 */
const beginning = {
  name: 'inbox-begin',
  text: `with beginning as (
      select n, md5($2::text || ' begun ' || n)::uuid as id from generate_series(1, $3::int) n
    )
    insert into inbox (consumer_group, event_id)
    select $1, id from beginning
    where not exists (select from inbox where consumer_group = $1 and event_id = beginning.id)
    order by n limit 1
    on conflict do nothing
    returning event_id::text as id`,
};

const end = {
  name: 'inbox-end',
  text: 'delete from inbox where consumer_group = $1 and event_id = $2',
};

/** What a beginning is: to be taken back by `ended`, one too many, or none as the database is away. */
export type Beginning =
  | { readonly kind: 'begun'; readonly ended: () => Promise<void> }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'pause'; readonly dependency: string };

/**
 * Counts that the handling of a message begins, apart from its transaction: what a crash leaves of it. `ended` takes the
 * count back once the message is settled, however it was.
 */
export async function countBeginning(
  database: Database,
  group: string,
  messageId: string,
): Promise<Beginning> {
  try {
    const { rows } = await database.query<{ id: string }>({
      ...beginning,
      values: [group, messageId, maxBeginnings],
    });
    const [row] = rows;
    if (!row)
      return {
        kind: 'dead',
        reason: `never-ended: its handling began ${maxBeginnings} times and ended in a crash`,
      };
    const ended = async () => {
      // Where the database is away, one more is counted than were: it takes ten to make a dead letter.
      await database.query({ ...end, values: [group, row.id] }).catch(() => undefined);
    };
    return { kind: 'begun', ended };
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return { kind: 'pause', dependency: 'database' };
    // It is handled all the same: the ladder is for what fails.
    return { kind: 'begun', ended: async () => undefined };
  }
}
