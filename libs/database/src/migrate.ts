import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Queryable } from './database';
import { isLockTimeout } from './errors';
import {
  type Migration,
  type MigrationRecord,
  appliedRecords,
  readMigrations,
  readRecords,
} from './migrations';
import { LockTaken, withClient, withExclusiveClient } from './admin-client';

export interface MigrateOptions {
  /** URL of the owner role. */
  readonly url: string;
  readonly migrationsDir: string;
  /** Maximum wait for another runner to finish, in ms. Default 120000. */
  readonly runnerWaitMs?: number;
  /** `lock_timeout` of a migration's statements, in ms. Default 5000. */
  readonly lockTimeoutMs?: number;
  readonly onApplied?: (name: string) => void;
  /** Called when another runner is active and this one waits for it. */
  readonly onWaiting?: () => void;
  /**
   * Called before anything is applied if applied migrations are missing from the folder: a later version has migrated
   * this database. Throwing ends the run.
   */
  readonly onUnknown?: (names: readonly string[]) => void;
}

export interface MigrationState {
  readonly name: string;
  readonly state: 'applied' | 'pending' | 'failed';
  /** When it was applied or failed. */
  readonly at?: Date;
  /** PostgreSQL's error, if it failed. */
  readonly error?: string;
}

/** A migration that cannot be run or recorded; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Prisma's own key, so that its command line and this runner exclude each other. */
const advisoryLock = 72_707_369;

/** First line of a migration that PostgreSQL does not run in a transaction, such as CREATE INDEX CONCURRENTLY. */
const outsideTransaction = /^--\s*no-transaction\b/;

/** Prisma's definition, verbatim. */
const migrationsTable = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

/**
 * Applies pending migrations in order, each in one transaction with its record. A failed one leaves the database
 * unchanged and a record of the error; the next run repeats it as it is then. Only one runner is active at a time;
 * others wait and find nothing to do.
 * @returns names of the migrations applied by this call
 * @throws MigrationError when one fails, or when an applied one was edited since
 */
export const migrate = async (options: MigrateOptions): Promise<string[]> => {
  const migrations = await readMigrations(options.migrationsDir);
  return withRunnerLock(options, async ({ client, database, lockTimeoutMs }) => {
    await recordInterrupted(client);
    const applied = appliedRecords(await readRecords(database));
    const known = new Set(migrations.map(({ name }) => name));
    const unknown = [...applied.keys()].filter((name) => !known.has(name));
    if (unknown.length > 0) options.onUnknown?.(unknown);
    refuseEdited(migrations, applied);
    const pending = migrations.filter(({ name }) => !applied.has(name));
    for (const migration of pending) {
      await apply(client, migration, lockTimeoutMs);
      options.onApplied?.(migration.name);
    }
    return pending.map(({ name }) => name);
  });
};

/** Every migration of the folder with its status. */
export const migrationStatus = async ({
  url,
  migrationsDir,
}: Pick<MigrateOptions, 'url' | 'migrationsDir'>): Promise<MigrationState[]> => {
  const migrations = await readMigrations(migrationsDir);
  const records = await withClient(url, (client) => readRecords(queryable(client)));
  const applied = appliedRecords(records);
  return migrations.map(({ name }) => {
    const done = applied.get(name);
    if (done) return { name, state: 'applied', at: done.finished_at ?? done.started_at };
    const last = records.findLast((record) => record.migration_name === name);
    if (!last) return { name, state: 'pending' };
    return { name, state: 'failed', at: last.started_at, error: last.logs ?? 'interrupted' };
  });
};

/**
 * Corrects the record after a manual change of the database: 'applied' if the migration's effect is there,
 * 'rolled-back' if it is not and the migration should run again.
 * @throws MigrationError when there is no such migration, or it already has that status
 */
export const resolveMigration = async (
  options: MigrateOptions & { readonly name: string; readonly as: 'applied' | 'rolled-back' },
): Promise<void> => {
  const migration = (await readMigrations(options.migrationsDir)).find(({ name }) => name === options.name);
  if (!migration) throw new MigrationError(`there is no migration named ${options.name}`);
  await withRunnerLock(options, async ({ client, database }) => {
    const isApplied = appliedRecords(await readRecords(database)).has(migration.name);
    if (isApplied === (options.as === 'applied')) {
      throw new MigrationError(`${migration.name} is ${isApplied ? 'already applied' : 'not applied'}`);
    }
    await client.query(
      'update _prisma_migrations set rolled_back_at = now() where migration_name = $1 and rolled_back_at is null',
      [migration.name],
    );
    if (options.as === 'applied') await insertRecord(client, migration, { finished: true });
  });
};

/** Excludes other runners while `work` runs. */
const withRunnerLock = async <T>(
  { url, runnerWaitMs = 120_000, lockTimeoutMs = 5_000, onWaiting }: MigrateOptions,
  work: (runner: Runner) => Promise<T>,
): Promise<T> => {
  try {
    return await withExclusiveClient(
      url,
      { key: advisoryLock, waitMs: runnerWaitMs, onWaiting },
      async (client) => {
        await client.query(migrationsTable);
        await protectRecords(client);
        return work({ client, database: queryable(client), lockTimeoutMs });
      },
    );
  } catch (error) {
    if (!(error instanceof LockTaken)) throw error;
    throw new MigrationError(`another runner has been migrating for over ${runnerWaitMs} ms`, {
      cause: error,
    });
  }
};

interface Runner {
  readonly client: pg.Client;
  readonly database: Queryable;
  readonly lockTimeoutMs: number;
}

/** Default privileges let the app role write every table of the owner; it must not write the migration history. */
const protectRecords = async (client: pg.Client) => {
  const { rows } = await client.query<{ grantee: string }>(
    `select distinct grantee from information_schema.role_table_grants
     where table_schema = current_schema and table_name = '_prisma_migrations'
       and privilege_type <> 'SELECT' and grantee <> current_user`,
  );
  for (const { grantee } of rows) {
    await client.query(
      `revoke insert, update, delete, truncate on _prisma_migrations from ${pg.escapeIdentifier(grantee)}`,
    );
  }
};

/**
 * Only one runner is active at a time, so an unfinished record belongs to one that was killed; PostgreSQL rolled it
 * back.
 */
const recordInterrupted = (client: pg.Client) =>
  client.query(
    `update _prisma_migrations set rolled_back_at = now(), logs = coalesce(logs, 'interrupted')
     where finished_at is null and rolled_back_at is null`,
  );

const refuseEdited = (migrations: readonly Migration[], applied: ReadonlyMap<string, MigrationRecord>) => {
  for (const { name, checksum } of migrations) {
    const record = applied.get(name);
    if (record && record.checksum !== checksum) {
      throw new MigrationError(
        `migration ${name} was edited after it had been applied: restore the file and put the change in a new migration`,
      );
    }
  }
};

const apply = async (client: pg.Client, migration: Migration, lockTimeoutMs: number) => {
  const id = await insertRecord(client, migration, { finished: false });
  const finish = () =>
    client.query('update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = $1', [
      id,
    ]);
  try {
    if (outsideTransaction.test(migration.sql)) {
      // Set for the session, as there is no transaction, and reset: a pooler may keep the connection.
      await client.query('set statement_timeout = 0');
      try {
        await client.query(migration.sql);
      } finally {
        await client.query('reset statement_timeout').catch(() => undefined);
      }
      await finish();
    } else {
      await client.query(
        `begin isolation level read committed; set local statement_timeout = 0;
         set local lock_timeout = ${lockTimeoutMs}; set local client_min_messages = warning`,
      );
      await finish();
      const before = await transactionId(client);
      await client.query(migration.sql);
      if ((await transactionId(client)) !== before) {
        throw new Error('it contains BEGIN or COMMIT; a migration runs in one transaction of the runner');
      }
      await client.query('commit');
    }
  } catch (error) {
    const reason = describe(error);
    await client.query('rollback').catch(() => undefined);
    await client
      .query(
        'update _prisma_migrations set finished_at = null, applied_steps_count = 0, rolled_back_at = now(), logs = $2 where id = $1',
        [id, reason],
      )
      .catch(() => undefined);
    throw new MigrationError(`migration ${migration.name} failed and was rolled back: ${reason}`, {
      cause: error,
    });
  }
};

const transactionId = async (client: pg.Client) => {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
  return rows[0]?.id;
};

const insertRecord = async (client: pg.Client, migration: Migration, { finished }: { finished: boolean }) => {
  const id = randomUUID();
  await client.query(
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     values ($1, $2, $3, case when $4 then now() end, 0)`,
    [id, migration.checksum, migration.name, finished],
  );
  return id;
};

const describe = (error: unknown) => {
  if (!(error instanceof pg.DatabaseError)) return (error as Error).message;
  const hint = isLockTimeout(error) ? '; a table is in use for too long, run it again' : '';
  return `${error.message} (${error.code}${error.position ? `, at character ${error.position}` : ''})${hint}`;
};

/** A single connection behind the interface of the pool. */
const queryable = (client: pg.Client): Queryable => ({
  async query<Row extends object>({ text, values }: { text: string; values?: readonly unknown[] }) {
    const { rows, rowCount } = await client.query<Row>(text, values as unknown[]);
    return { rows, rowCount: rowCount ?? 0 };
  },
});
