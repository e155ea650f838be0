import type { Database } from '@bulkhead/database/database';

/** Marks sent events as not sent; the relay does the rest. Rows in flight are not changed. */
const unmark = {
  name: 'outbox-resend',
  text: `update outbox set sent_at = null, leased_until = null, attempts = 0
    where position = any (array(
      select position from outbox
      where type = any ($1::text[]) and sent_at >= $2 and position > $3::bigint
      order by position limit $4
      for update))
    returning position::text`,
};

const batch = 500;

export interface ResendOptions {
  /** Event types to resend. */
  readonly types: readonly string[];
  /** Events sent at this time or later. Rows are kept for 24 h after they were sent. */
  readonly since: Date;
}

/**
 * Makes the running service send events again, with their ids: for a reader whose database was restored. Consumers that
 * have handled one recognise it by their inbox and do nothing.
 * @param database of the sender
 * @returns the number of events
 */
export async function resendEvents(database: Database, { types, since }: ResendOptions): Promise<number> {
  let count = 0;
  for (let position = '0'; ;) {
    const { rows } = await database.query<{ position: string }>({
      ...unmark,
      values: [types, since, position, batch],
    });
    count += rows.length;
    if (rows.length < batch) return count;
    position = rows
      .map((row) => BigInt(row.position))
      .reduce((a, b) => (a > b ? a : b))
      .toString();
  }
}
