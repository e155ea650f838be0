import type { Database } from '@bulkhead/database/database';
import { DatabaseUnavailable } from '@bulkhead/database/errors';

/** The handling of a message was started so often without ever ending that it probably crashes the process. */
const maxBeginnings = 10;

/**
 * Started attempts are rows of the inbox with ids derived from the message's, so that they survive a crash and are
 * pruned like others. The first free id is taken.
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

/** A started attempt: to be removed by `ended`, one too many, or not recorded because the database is unavailable. */
export type Beginning =
  | { readonly kind: 'begun'; readonly ended: () => Promise<void> }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'pause'; readonly dependency: string };

/**
 * Records the start of an attempt in a transaction of its own, so that a crash leaves a trace. `ended` removes the
 * record once the message is settled, whatever the outcome.
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
      // If the database is unavailable, the count is one too high; it takes ten to make a dead letter.
      await database.query({ ...end, values: [group, row.id] }).catch(() => undefined);
    };
    return { kind: 'begun', ended };
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return { kind: 'pause', dependency: 'database' };
    // The message is handled anyway: retries are for failures.
    return { kind: 'begun', ended: async () => undefined };
  }
}
