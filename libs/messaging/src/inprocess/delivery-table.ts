import { commitsAsynchronously } from '@bulkhead/database/asynchronous-commit';
import type { Database, Queryable } from '@bulkhead/database/database';
import type { DeadLetter, DeadLetters, QueueState } from '../transport';

export interface NewDelivery {
  readonly group: string;
  readonly messageId: string;
  readonly type: string;
  readonly body: string;
}

export interface ClaimedDelivery {
  /** A bigint, as text. */
  readonly position: string;
  readonly messageId: string;
  readonly body: string;
  readonly attempt: number;
  /** Number of times it was claimed, including this one. */
  readonly deliveries: number;
}

/**
 * An existing row was stored by a relay that crashed before it marked its outbox row. The commit waits for the disk:
 * the mark may be on another server, which would remember it.
 */
const store = {
  name: 'delivery-store',
  text: `insert into delivery (consumer_group, message_id, event_type, body)
    select "group", "messageId", type, body
    from jsonb_to_recordset($1::jsonb) as message("group" text, "messageId" text, type text, body text)
    on conflict (consumer_group, message_id) do nothing`,
};

/**
 * Claiming a row sets its availability to the end of the lease: if the consumer dies, the row becomes available again
 * by itself. A lease that is lost in a crash of the server causes a redelivery, which can happen anyway: the commit
 * does not wait for the disk.
 */
const claim = {
  name: 'delivery-claim',
  text: `update delivery
    set available_at = clock_timestamp() + $3 * interval '1 ms', deliveries = deliveries + 1
    where position = any (array(
      select position from delivery
      where consumer_group = $1 and available_at <= statement_timestamp()
      order by available_at limit $2
      for update skip locked))
      and ${commitsAsynchronously}
    returning position::text, message_id as "messageId", body, attempt, deliveries`,
};

const renew = {
  name: 'delivery-renew',
  text: `update delivery set available_at = clock_timestamp() + $2 * interval '1 ms'
    where position = any ($1::bigint[])`,
};

const giveBack = {
  name: 'delivery-give-back',
  text: `update delivery set available_at = clock_timestamp(), deliveries = greatest(deliveries - 1, 0)
    where position = any ($1::bigint[])`,
};

const retry = {
  name: 'delivery-retry',
  text: `update delivery
    set available_at = clock_timestamp() + $2 * interval '1 ms', attempt = $3, deliveries = 0
    where position = $1`,
};

const bury = {
  name: 'delivery-bury',
  text: `with gone as (delete from delivery where position = $1 returning *)
    insert into dead_letter (consumer_group, message_id, event_type, body, attempts, reason)
    select consumer_group, message_id, event_type, body, attempt, $2 from gone
    on conflict (consumer_group, message_id)
    do update set attempts = excluded.attempts, reason = excluded.reason, dead_at = excluded.dead_at`,
};

/**
 * Removes settled rows. A row that reappears after a crash of the server is redelivered: the inbox, which is on disk,
 * recognises what was handled, and what was dropped is dropped again. The commit does not wait for the disk.
 */
const remove = {
  name: 'delivery-remove',
  text: `delete from delivery where position = any ($1::bigint[]) and ${commitsAsynchronously}`,
};

const due = {
  name: 'delivery-due',
  text: `select distinct consumer_group as "group" from delivery where available_at <= statement_timestamp()`,
};

const states = {
  name: 'delivery-states',
  text: `select "group", (select count(*)::int from delivery where consumer_group = "group") as waiting,
      (select count(*)::int from dead_letter where consumer_group = "group") as dead
    from unnest($1::text[]) as "group"`,
};

/** The queues of one service's groups: the statements of the in-process transport on that service's database. */
export function createDeliveryTable(database: Queryable) {
  return {
    async store(deliveries: readonly NewDelivery[]): Promise<void> {
      await database.query({ ...store, values: [JSON.stringify(deliveries)] });
    },
    async claim(group: string, limit: number, leaseMs: number): Promise<ClaimedDelivery[]> {
      return (await database.query<ClaimedDelivery>({ ...claim, values: [group, limit, leaseMs] })).rows;
    },
    async renew(positions: readonly string[], leaseMs: number): Promise<void> {
      await database.query({ ...renew, values: [positions, leaseMs] });
    },
    /** Available again immediately, as if never claimed. */
    async giveBack(positions: readonly string[]): Promise<void> {
      await database.query({ ...giveBack, values: [positions] });
    },
    async retry(position: string, delayMs: number, attempt: number): Promise<void> {
      await database.query({ ...retry, values: [position, delayMs, attempt] });
    },
    async bury(position: string, reason: string): Promise<void> {
      await database.query({ ...bury, values: [position, reason] });
    },
    async remove(positions: readonly string[]): Promise<void> {
      await database.query({ ...remove, values: [positions] });
    },
    async states(groups: readonly string[]): Promise<readonly QueueState[]> {
      return (await database.query<QueueState>({ ...states, values: [groups] })).rows;
    },
    /** Groups with available messages. */
    async due(): Promise<readonly string[]> {
      return (await database.query<{ group: string }>(due)).rows.map(({ group }) => group);
    },
  };
}

export type DeliveryTable = ReturnType<typeof createDeliveryTable>;

const columns = `consumer_group as "group", message_id as "messageId", event_type as type, attempts, reason,
  to_char(dead_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "deadAt", body`;

/** One statement, so that a message is always either a dead letter or queued. */
const redrive = `with gone as (
    delete from dead_letter where consumer_group = $1 and ($2::text is null or message_id = $2) returning *)
  insert into delivery (consumer_group, message_id, event_type, body)
  select consumer_group, message_id, event_type, body from gone
  on conflict (consumer_group, message_id) do nothing`;

/** Dead letters of the in-process transport; `databaseOf` finds the database of the group's service. */
export function createDeadLetterTable(
  databaseOf: (group: string) => Database,
  onRedriven: (group: string) => void = () => undefined,
): DeadLetters {
  const idOf = (which: { messageId: string } | 'all') => (which === 'all' ? null : which.messageId);
  return {
    async list(group, limit = 100) {
      const { rows } = await databaseOf(group).query<DeadLetter>({
        text: `select ${columns} from dead_letter where consumer_group = $1 order by dead_at limit $2`,
        values: [group, Math.min(limit, 1_000)],
      });
      return rows;
    },
    async show(group, messageId) {
      const { rows } = await databaseOf(group).query<DeadLetter>({
        text: `select ${columns} from dead_letter where consumer_group = $1 and message_id = $2`,
        values: [group, messageId],
      });
      return rows[0];
    },
    async redrive(group, which) {
      const { rowCount } = await databaseOf(group).query({ text: redrive, values: [group, idOf(which)] });
      onRedriven(group);
      return rowCount;
    },
    async drop(group, which) {
      const { rowCount } = await databaseOf(group).query({
        text: 'delete from dead_letter where consumer_group = $1 and ($2::text is null or message_id = $2)',
        values: [group, idOf(which)],
      });
      return rowCount;
    },
  };
}
