import { withClient } from '@bulkhead/database/admin-client';
import type { Queryable } from '@bulkhead/database/database';
import { sqlState } from '@bulkhead/database/errors';
import { appliedRecords, readMigrations, readRecords } from '@bulkhead/database/migrations';
import type { Mode } from '../service';
import {
  defaultGrants,
  extensions,
  lackingGrants,
  ownerRights,
  server,
  type ServerRow,
} from './database.sql';
import { obstacleOf } from './network-error';
import { type Finding, failed, ok, type Probe, skipped, targetOf, warning } from './probe';

export interface DatabaseProbeOptions {
  readonly url: string;
  readonly mode: Mode;
  readonly poolSize: number;
  /** Maximum number of concurrent pods; undefined if unknown. */
  readonly pods: number | undefined;
  readonly migrationsDir: string;
  readonly extensions: readonly string[];
  /** Pending migrations run next, and are no fault. */
  readonly beforeMigrations: boolean;
}

const oldest = 15;
const newest = 18;

/** The service's own database, as its application role: login, TLS, grants, extensions, migrations, connections. */
export const databaseProbe = (options: DatabaseProbeOptions): Probe => ({
  name: 'database',
  targets: [targetOf('DATABASE_URL', options.url)],
  async run({ clocks }) {
    return connected('DATABASE_URL', 'database', options.url, async (database, processId) => {
      const sentAt = Date.now();
      const { rows } = await database.query<ServerRow>(server);
      const row = rows[0]!;
      clocks.note('the database', row.now, sentAt);
      const login = judgeServer(row, options);
      if (login.outcome === 'failed') return [login];
      const migrations = await lookAtMigrations(database, options);
      return [
        login,
        await lookAtGrants(database, row),
        ...(await lookAtExtensions(database, options)),
        migrations,
        row.process_id === processId ? judgeConnections(row, options) : behindPooler(row),
      ];
    });
  },
});

/** The migration role. @param url as MIGRATION_DATABASE_URL */
export const ownerProbe = (url: string): Probe => ({
  name: 'database owner',
  targets: [targetOf('MIGRATION_DATABASE_URL', url)],
  run: () =>
    connected('MIGRATION_DATABASE_URL', 'database owner', url, async (database) => {
      const { rows } = await database.query<{
        role: string;
        database: string;
        creates: boolean;
        foreign_tables: string[];
      }>(ownerRights);
      const { role, database: name, creates, foreign_tables: foreign } = rows[0]!;
      if (!creates)
        return [
          failed(
            'database owner',
            `MIGRATION_DATABASE_URL: the role ${role} may not create tables; run as an administrator: alter database ${name} owner to ${role}; grant create on schema public to ${role};`,
          ),
        ];
      if (foreign.length > 0)
        return [
          failed(
            'database owner',
            `MIGRATION_DATABASE_URL: the role ${role} does not own ${some(foreign)}, and could not change what it does not own; run as an administrator, for each: alter table … owner to ${role};`,
          ),
        ];
      return [ok('database owner', `${role} may create tables, and owns those that are there`)];
    }),
});

/** Runs `work` on a connection; a failure to connect is one finding. */
async function connected(
  variable: string,
  name: string,
  url: string,
  work: (database: Queryable, processId: number | null) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  let isConnected = false;
  try {
    return await withClient(
      url,
      async (client) => {
        isConnected = true;
        const database: Queryable = {
          async query<Row extends object>({ text, values }: { text: string; values?: readonly unknown[] }) {
            const { rows, rowCount } = await client.query<Row>(text, values as unknown[]);
            return { rows, rowCount: rowCount ?? 0 };
          },
        };
        // The other end's id of the connection; pg does not type it.
        const { processID } = client as unknown as { readonly processID: number | null };
        return work(database, processID);
      },
      { connectTimeoutMs: 4_000, applicationName: 'preflight' },
    );
  } catch (error) {
    const said = (error as Error).message;
    return [
      failed(name, isConnected ? `${variable}: PostgreSQL says: ${said}.` : whyRefused(variable, url, error)),
    ];
  }
}

function whyRefused(variable: string, url: string, error: unknown): string {
  const { host, username, pathname } = new URL(url);
  const role = decodeURIComponent(username);
  const database = decodeURIComponent(pathname.slice(1)) || role;
  const at = `${variable}: PostgreSQL at ${host}`;
  const { message } = error as Error;
  switch (sqlState(error)) {
    case '28P01':
      return `${at} refuses the password of the role ${role}; set ${variable} to the one that it has now.`;
    case '28000':
      return /no encryption|SSL off/.test(message)
        ? `${at} takes encrypted connections only; set ${variable} to a URL with sslmode=verify-full (database.tls.mode).`
        : `${at} refuses the role ${role} (${message}); create it, or let it in by pg_hba.conf.`;
    case '3D000':
      return `${at} has no database ${database}; create it, or set ${variable} to the one that is there.`;
    case '42501':
      return `${at} does not let the role ${role} into the database ${database}; run as its owner: grant connect on database ${database} to ${role};`;
    case '53300':
      return `${at} has no connection left for the role ${role} (${message}); raise max_connections or the role's limit, or lower DATABASE_POOL_SIZE.`;
  }
  if (/does not support SSL/.test(message))
    return `${at} does not speak TLS, which ${variable} asks for; turn it on there, or set sslmode=disable (database.tls.mode).`;
  const { problem, remedy } = obstacleOf(error, 'database.tls.ca (NODE_EXTRA_CA_CERTS)');
  return `${at} cannot be reached: ${problem}; ${remedy ?? `set ${variable} to where it is`}.`;
}

function judgeServer(row: ServerRow, { mode }: DatabaseProbeOptions): Finding {
  const name = 'database';
  const major = Math.floor(row.version / 10_000);
  if (major < oldest)
    return failed(
      name,
      `DATABASE_URL: PostgreSQL there is version ${major}; upgrade it to one of ${oldest} to ${newest}.`,
    );
  if (row.replica)
    return failed(
      name,
      'DATABASE_URL leads to a replica, which takes no writes; set it to the address of the primary.',
    );
  if (mode === 'production' && row.superuser)
    return warning(
      name,
      `DATABASE_URL: the role ${row.role} is a superuser; use one that may only read and write the rows of ${row.database}.`,
    );
  if (mode === 'production' && !row.encrypted)
    return warning(
      name,
      'DATABASE_URL: the connection is not encrypted; set sslmode=verify-full in it (database.tls.mode).',
    );
  if (major > newest)
    return warning(
      name,
      `PostgreSQL ${major} is later than any that this release was tested with (${newest}).`,
    );
  return ok(name, `PostgreSQL ${major} as ${row.role}, ${row.encrypted ? 'by TLS' : 'not encrypted'}`);
}

interface Lacking {
  readonly kind: 'schema' | 'table' | 'sequence';
  readonly name: string;
}

async function lookAtGrants(database: Queryable, { role, owner }: ServerRow): Promise<Finding> {
  const name = 'database grants';
  const { rows } = await database.query<Lacking>(lackingGrants);
  const of = (kind: Lacking['kind']) => rows.filter((row) => row.kind === kind).map((row) => row.name);
  const lacks = (what: string, grant: string) =>
    failed(name, `The role ${role} may not use ${what}; run as ${owner}: ${grant} to ${role};`);
  if (of('schema').length > 0) return lacks('the schema public', 'grant usage on schema public');
  if (of('table').length > 0)
    return lacks(some(of('table')), 'grant select, insert, update, delete on all tables in schema public');
  if (of('sequence').length > 0)
    return lacks(some(of('sequence')), 'grant usage, select on all sequences in schema public');
  const { rows: given } = await database.query<{ given: boolean }>(defaultGrants);
  if (!given[0]!.given)
    return lacks(
      'the tables that migrations will make',
      `alter default privileges for role ${owner} in schema public grant select, insert, update, delete on tables`,
    );
  return ok(name, `${role} may read and write every table, and those to come`);
}

async function lookAtExtensions(
  database: Queryable,
  { extensions: wanted, beforeMigrations }: DatabaseProbeOptions,
): Promise<readonly Finding[]> {
  if (wanted.length === 0) return [];
  const name = 'extensions';
  const { rows } = await database.query<{ name: string; installed: boolean; available: boolean }>({
    ...extensions,
    values: [wanted],
  });
  const absent = rows.filter(({ installed }) => !installed);
  const names = (of: typeof rows) => of.map((row) => row.name).join(', ');
  const notOffered = absent.filter(({ available }) => !available);
  if (notOffered.length > 0)
    return [
      failed(
        name,
        `PostgreSQL there does not offer ${names(notOffered)}; install its contrib package, or allow them in your provider's settings.`,
      ),
    ];
  const remedy = `run as an administrator, in this database: ${absent.map((row) => `create extension ${row.name};`).join(' ')}`;
  if (absent.length > 0)
    return [
      beforeMigrations
        ? warning(name, `${names(absent)} not there yet; where the migration may not make them, ${remedy}`)
        : failed(name, `The database lacks ${names(absent)}; ${remedy}`),
    ];
  return [ok(name, names(rows))];
}

async function lookAtMigrations(
  database: Queryable,
  { migrationsDir, beforeMigrations }: DatabaseProbeOptions,
): Promise<Finding> {
  const name = 'migrations';
  const migrations = await readMigrations(migrationsDir);
  let records;
  try {
    records = await readRecords(database);
  } catch (error) {
    if (sqlState(error) === insufficientPrivilege) return skipped(name, 'database grants');
    throw error;
  }
  const applied = appliedRecords(records);
  const edited = migrations.filter(
    (migration) =>
      applied.has(migration.name) && applied.get(migration.name)?.checksum !== migration.checksum,
  );
  if (edited.length > 0)
    return failed(
      name,
      `${edited.map((each) => each.name).join(', ')} was applied with another text than this image has; use an image that was built from the release, or restore the database.`,
    );
  const pending = migrations.filter((migration) => !applied.has(migration.name)).map((each) => each.name);
  if (pending.length > 0)
    return beforeMigrations
      ? ok(name, `${pending.length} pending, which are next`)
      : failed(
          name,
          `Not applied: ${some(pending)}; set migrations.enabled, or run main.js migrate with MIGRATION_DATABASE_URL.`,
        );
  const known = new Set(migrations.map((migration) => migration.name));
  const later = [...applied.keys()].filter((each) => !known.has(each));
  if (later.length > 0)
    return warning(
      name,
      `The database has migrations of a later release (${some(later)}); this one works with those of the next.`,
    );
  return ok(name, `all ${migrations.length} applied`);
}

/** A pooler assigns connection ids of its own, and shares the server's connections among all clients. */
const behindPooler = ({ server_limit: limit }: ServerRow): Finding =>
  ok('connections', `a pooler shares the ${limit} of the server; its max_client_conn was not looked at`);

function judgeConnections(row: ServerRow, { poolSize, pods }: DatabaseProbeOptions): Finding {
  const name = 'connections';
  const limits = [
    { limit: row.role_limit, remedy: `alter role ${row.role} connection limit`, of: `the role ${row.role}` },
    {
      limit: row.database_limit,
      remedy: `alter database ${row.database} connection limit`,
      of: `the database ${row.database}`,
    },
    { limit: row.server_limit, remedy: 'max_connections', of: 'the server' },
  ].filter(({ limit }) => limit >= 0);
  const least = limits.reduce((one, other) => (other.limit < one.limit ? other : one));
  // A rollout starts a pod before it stops one.
  const needed = poolSize * (pods === undefined ? 1 : pods + 1);
  const who = pods === undefined ? 'one pod takes' : `${pods} pods, and one more during a rollout, take`;
  if (needed > least.limit)
    return failed(
      name,
      `DATABASE_POOL_SIZE is ${poolSize}, so that ${who} ${needed} connections, and ${least.of} allows ${least.limit}; lower DATABASE_POOL_SIZE (database.poolSize) or the number of pods, or raise ${least.remedy}.`,
    );
  return ok(name, `${who} ${needed} of ${least.limit}`);
}

const insufficientPrivilege = '42501';
const shown = 3;

/** Some of the names, and the number of further ones. */
const some = (names: readonly string[]): string =>
  names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
