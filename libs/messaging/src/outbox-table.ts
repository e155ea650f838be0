import { commitsAsynchronously } from '@bulkhead/database/asynchronous-commit';
import type { Queryable } from '@bulkhead/database/database';
import type { OutboxRow } from './transport';

/**
 * Claims the oldest unclaimed rows. A short statement of its own: a lease, not a lock, keeps other relays away while
 * the rows are being sent. With `skip locked`, relays claim concurrently without waiting for each other.
 */
const claim = {
  name: 'outbox-claim',
  text: 'select position::text, id::text, type, subject, payload::text from claim_outbox($1, $2)',
};

/**
 * Marks by position alone: a row confirmed late, after another relay took it over, was still sent. A mark that is lost
 * in a crash of the server causes a row to be sent twice, which can happen anyway: the commit does not wait for the
 * disk.
 */
const markSent = {
  name: 'outbox-mark-sent',
  text: `update outbox set sent_at = clock_timestamp(), leased_until = null
    where position = any ($1::bigint[]) and sent_at is null
      and ${commitsAsynchronously}`,
};

const release = {
  name: 'outbox-release',
  text: 'update outbox set leased_until = null where position = any ($1::bigint[]) and sent_at is null',
};

/** A failed row waits 0.5 s, 1 s … 60 s for its next attempt; the last failure parks it. */
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
  text: 'select unsent, age, parked from outbox_state()',
};

export interface OutboxStats {
  /** Rows waiting or in flight; counted up to 100,000. */
  readonly unsent: number;
  /** Age of the oldest unsent row, ms; 0 when there is none. */
  readonly oldestAgeMs: number;
  readonly parked: number;
}

/** The relay's statements on the outbox of one service. */
export function createOutboxTable(database: Queryable) {
  return {
    /** Leases up to `limit` rows for `leaseMs`, by the database's clock. */
    async claim(limit: number, leaseMs: number): Promise<OutboxRow[]> {
      const { rows } = await database.query<OutboxRow>({ ...claim, values: [limit, leaseMs] });
      return rows;
    },

    async markSent(positions: readonly string[]): Promise<void> {
      if (positions.length > 0) await database.query({ ...markSent, values: [positions] });
    },

    /** Returns rows that were not sent for a reason unrelated to them. */
    async release(positions: readonly string[]): Promise<void> {
      if (positions.length > 0) await database.query({ ...release, values: [positions] });
    },

    /** Counts a failure of each row and returns those that are now parked. */
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
