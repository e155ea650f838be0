import { systemClock } from '@bulkhead/resilience/clock';
import pg from 'pg';
import { requestCancel } from './cancel-request';

export interface ClientOptions {
  /** Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. Default 'bulkhead-admin'. */
  readonly applicationName?: string;
}

/** A connection outside of any pool, for administration; closed when `work` is done. */
export const withClient = async <T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  { connectTimeoutMs = 10_000, applicationName = 'bulkhead-admin' }: ClientOptions = {},
): Promise<T> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // A lost connection fails the statement in progress; without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

export interface ExclusiveOptions {
  /** Key of PostgreSQL's advisory lock, in the database that the URL names. */
  readonly key: number;
  /** Maximum wait for the holder of the lock, in ms. */
  readonly waitMs: number;
  /** Called once if another client holds the lock and this one has to wait. */
  readonly onWaiting?: (() => void) | undefined;
}

/** Another client has held the lock for too long. */
export class LockTaken extends Error {
  override readonly name = 'LockTaken';
}

/** Interval between attempts to take the lock, in ms. */
const askAgainMs = 200;

/**
 * An exclusive connection for administration: no other client has one under the same key at the same time. The lock
 * belongs to a transaction that stays open on a connection of its own, because a pooler in transaction mode would pass
 * a session's lock on to other clients. That transaction has no snapshot and blocks nobody. `work` is aborted if the
 * lock is lost.
 * @throws LockTaken
 */
export const withExclusiveClient = <T>(
  url: string,
  { key, waitMs, onWaiting }: ExclusiveOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> =>
  withClient(url, async (lock) => {
    const giveUpAt = systemClock.monotonic() + waitMs;
    for (let asked = 1; !(await tryLock(lock, key)); asked++) {
      if (asked === 1) onWaiting?.();
      if (systemClock.monotonic() > giveUpAt)
        throw new LockTaken(`the lock ${key} is taken for over ${waitMs} ms`);
      await systemClock.sleep(askAgainMs);
    }
    return withClient(url, async (client) => {
      lock.once('end', () => void cutOff(client));
      return work(client);
    });
  });

/** Waits outside of a transaction, so that a waiting client does not occupy a pooler's connection. */
const tryLock = async (lock: pg.Client, key: number): Promise<boolean> => {
  await lock.query(
    `begin isolation level read committed; set local statement_timeout = 0;
     set local idle_in_transaction_session_timeout = 0`,
  );
  // Without parameters: the extended protocol's portal would keep its snapshot, for which CREATE INDEX CONCURRENTLY
  // waits.
  const { rows } = await lock.query<{ taken: boolean }>(`select pg_try_advisory_xact_lock(${key}) as taken`);
  const taken = rows[0]?.taken ?? false;
  if (!taken) await lock.query('rollback');
  return taken;
};

const cutOff = async (client: pg.Client) => {
  await requestCancel(client).catch(() => undefined);
  await client.end().catch(() => undefined);
};
