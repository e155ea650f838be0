import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Queryable } from './database';
import { sqlState } from './errors';

/** One folder of `prisma/migrations`. */
export interface Migration {
  /** `<timestamp>_<what it does>`; migrations run in the order of their names. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hex, as Prisma records it. */
  readonly checksum: string;
}

/** A row of Prisma's table. */
export interface MigrationRecord {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly rolled_back_at: Date | null;
  readonly started_at: Date;
  readonly logs: string | null;
}

/**
 * Reads the migrations of a service, in order.
 * @throws Error when the folder is missing: a build without its migrations must not count as up to date
 */
export const readMigrations = async (directory: string): Promise<Migration[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`there is no migrations folder at ${directory}`, { cause });
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};

/** The effective records: finished and not marked as rolled back since. */
export const appliedRecords = (records: readonly MigrationRecord[]) =>
  new Map(
    records
      .filter((record) => record.finished_at && !record.rolled_back_at)
      .map((record) => [record.migration_name, record]),
  );

/** Every record, oldest first; none if the table does not exist yet. */
export const readRecords = async (database: Queryable): Promise<MigrationRecord[]> => {
  try {
    const { rows } = await database.query<MigrationRecord>({
      text:
        'select migration_name, checksum, finished_at, rolled_back_at, started_at, logs ' +
        'from _prisma_migrations order by started_at',
    });
    return rows;
  } catch (error) {
    if (sqlState(error) === undefinedTable) return [];
    throw error;
  }
};

const undefinedTable = '42P01';

/** Names of the migrations that this code needs and the database lacks; a service is not ready until it is empty. */
export const pendingMigrations = async (
  database: Queryable,
  migrations: readonly Migration[],
): Promise<string[]> => {
  const applied = appliedRecords(await readRecords(database));
  return migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
};
