import type { Database } from '@bulkhead/database/database';
import type { OutboxRow } from './transport';

/**
 * Takes the oldest rows that nobody holds. A short statement of its own: the lease, not a lock, keeps other relays off
 * while the rows are being sent. `skip locked` lets relays claim at once without waiting for each other.
 */
const claim = {
  name: 'outbox-claim',
  text: `update outbox set leased_until = clock_timestamp() + $2 * interval '1 ms'
    where position = any (array(
      select position from outbox
      where sent_at is null and parked_at is null
        and (leased_until is null or leased_until < clock_timestamp())
      order by position limit $1
      for update skip locked))
    returning position::text, id::text, type, subject, payload::text`,
};

/** Marked by position alone: a row confirmed late, after another relay took it over, is sent all the same. */
const markSent = {
  name: 'outbox-mark-sent',
  text: `update outbox set sent_at = clock_timestamp(), leased_until = null
    where position = any ($1::bigint[]) and sent_at is null`,
};

const release = {
  name: 'outbox-release',
  text: 'update outbox set leased_until = null where position = any ($1::bigint[]) and sent_at is null',
};

/** A failed row waits 0.5 s, 1 s … 60 s for its next attempt; its last failure parks it. */
const markFailed = {
  name: 'outbox-mark-failed',
  text: `update outbox set
      attempts = attempts + 1,
      leased_until = clock_timestamp() + least(60000, 500 * power(2, attempts)) * interval '1 ms',
      parked_at = case when attempts + 1 >= $2 then clock_timestamp() end,
      parked_reason = failed.reason
    from jsonb_to_recordset($1::jsonb) as failed(position bigint, reason text)
    where outbox.position = failed.position and sent_at is null and parked_at is null
    returning type, reason, parked_at is not null as parked`,
};

const stats = {
  name: 'outbox-stats',
  text: `select
      (select count(*)::int from (
        select from outbox where sent_at is null and parked_at is null limit 100000) as unsent) as unsent,
      coalesce((
        select extract(epoch from clock_timestamp() - created_at) * 1000 from outbox
        where sent_at is null and parked_at is null order by position limit 1), 0)::float8 as age,
      (select count(*)::int from outbox where parked_at is not null) as parked`,
};

export interface OutboxStats {
  /** Rows waiting or in flight; counted up to 100,000. */
  readonly unsent: number;
  /** Age of the oldest unsent row, ms; 0 when there is none. */
  readonly oldestAgeMs: number;
  readonly parked: number;
}

/** The relay's statements on the outbox of one service. */
export function createOutboxTable(database: Database) {
  return {
    /** Leases up to `limit` rows for `leaseMs`, by the database's clock. */
    async claim(limit: number, leaseMs: number): Promise<OutboxRow[]> {
      const { rows } = await database.query<OutboxRow>({ ...claim, values: [limit, leaseMs] });
      return rows;
    },

    async markSent(positions: readonly string[]): Promise<void> {
      if (positions.length > 0) await database.query({ ...markSent, values: [positions] });
    },

    /** Gives rows back that were not sent through no fault of theirs. */
    async release(positions: readonly string[]): Promise<void> {
      if (positions.length > 0) await database.query({ ...release, values: [positions] });
    },

    /** Counts a failure of each row's own; says which are parked now. */
    async markFailed(
      failures: readonly { readonly position: string; readonly reason: string }[],
      maxAttempts: number,
    ): Promise<readonly { readonly type: string; readonly reason: string; readonly parked: boolean }[]> {
      if (failures.length === 0) return [];
      const json = JSON.stringify(failures.map(({ position, reason }) => ({ position, reason })));
      const { rows } = await database.query<{ type: string; reason: string; parked: boolean }>({
        ...markFailed,
        values: [json, maxAttempts],
      });
      return rows;
    },

    async stats(): Promise<OutboxStats> {
      const { rows } = await database.query<{ unsent: number; age: number; parked: number }>(stats);
      const [row] = rows;
      return { unsent: row?.unsent ?? 0, oldestAgeMs: Math.max(0, row?.age ?? 0), parked: row?.parked ?? 0 };
    },
  };
}
