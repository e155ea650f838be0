import { createHash, randomBytes } from 'node:crypto';
import { type PostgresServer, startTestPostgres } from '@bulkhead/development/test-postgres';
import { migrate } from '../migrate';
import { readMigrations } from '../migrations';
import { withClient } from '../admin-client';
import { atDatabase, provisionDatabase } from '../provision';
import type pg from 'pg';
import { eventually } from '@bulkhead/testing/eventually';

export interface TestDatabaseOptions {
  /** Migrations that the database has been through; without, it is empty. */
  readonly migrationsDir?: string;
  /** Names the roles, `test_<service>_owner` and `test_<service>_app`. Default 'any'. */
  readonly service?: string;
  readonly extensions?: readonly string[];
}

export interface TestDatabase {
  /** As the app role: rows only. */
  readonly url: string;
  /** As the owner role: schema changes too. */
  readonly ownerUrl: string;
  /** As superuser. */
  readonly adminUrl: string;
  readonly name: string;
  /** Removes the database. @throws Error naming the `application_name` of a connection that was left open. */
  drop(): Promise<void>;
}

let ownServer: Promise<PostgresServer> | undefined;

/** Superuser URL of the tests' server: `TEST_DATABASE_URL`, or else one that this test file starts for itself. */
export const testServerUrl = async (): Promise<string> => {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return given;
  ownServer ??= startTestPostgres();
  return (await ownServer).adminUrl;
};

const alive = new Set<string>();
let fileHasEnded = false;

/** This hook runs before those of the test file itself, which drop their databases: the last one stops the server. */
const stopOwnServer = async () => {
  if (!fileHasEnded || alive.size > 0) return;
  await (await ownServer)?.stop();
  ownServer = undefined;
};

if (typeof afterAll === 'function') {
  afterAll(() => {
    fileHasEnded = true;
    return stopOwnServer();
  });
}

/** Serialises copies of template databases: a template must have no other connection while it is copied. */
const templateLock = 72_002;
/** Test roles guard nothing; the server is a throw-away one on loopback. */
const testPassword = 'test';

/** A separate database for a test file: a copy, made in milliseconds, of one that has been migrated once. */
export const createTestDatabase = async (options: TestDatabaseOptions = {}): Promise<TestDatabase> => {
  const serverUrl = await testServerUrl();
  const service = `test_${options.service ?? 'any'}`;
  const template = `${service}_${await fingerprint(options)}`;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(serverUrl, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [templateLock]);
    await ensureTemplate(admin, serverUrl, service, template, options);
    await admin.query(`create database ${name} template ${template} owner ${service}_owner`);
    await admin.query(`revoke all on database ${name} from public`);
    await admin.query(`grant connect on database ${name} to ${service}_app`);
  });
  alive.add(name);
  return {
    name,
    url: atDatabase(serverUrl, name, `${service}_app`, testPassword),
    ownerUrl: atDatabase(serverUrl, name, `${service}_owner`, testPassword),
    adminUrl: atDatabase(serverUrl, name),
    async drop() {
      try {
        await withClient(serverUrl, (admin) => dropDatabase(admin, name));
      } finally {
        alive.delete(name);
        await stopOwnServer();
      }
    },
  };
};

const fingerprint = async ({ migrationsDir, extensions = [] }: TestDatabaseOptions) => {
  const hash = createHash('sha256').update(extensions.join());
  const migrations = migrationsDir === undefined ? [] : await readMigrations(migrationsDir);
  for (const { name, checksum } of migrations) hash.update(`${name} ${checksum}\n`);
  return hash.digest('hex').slice(0, 16);
};

/** Marked as a template only when complete, so that an incomplete one of a killed run is created again. */
const ensureTemplate = async (
  admin: pg.Client,
  serverUrl: string,
  service: string,
  template: string,
  { migrationsDir, extensions = [] }: TestDatabaseOptions,
) => {
  const { rows } = await admin.query<{ complete: boolean }>(
    'select datistemplate as complete from pg_database where datname = $1',
    [template],
  );
  if (rows[0]?.complete) return;
  if (rows[0]) await admin.query(`drop database ${template} with (force)`);
  const { ownerUrl } = await provisionDatabase({
    adminUrl: serverUrl,
    service,
    database: template,
    ownerPassword: testPassword,
    appPassword: testPassword,
    extensions,
  });
  if (migrationsDir !== undefined) await migrate({ url: ownerUrl, migrationsDir });
  await admin.query(`alter database ${template} is_template true`);
  // The server notices a closed connection with a delay; the copy requires all of them to be gone.
  await eventually(async () => (await connectionsOf(admin, template)).length === 0, {
    what: 'the end of all connections to the template',
  });
};

const connectionsOf = async (admin: pg.Client, database: string) => {
  const { rows } = await admin.query<{ application_name: string; query: string }>(
    `select application_name, left(query, 80) as query from pg_stat_activity
     where datname = $1 and backend_type = 'client backend'`,
    [database],
  );
  return rows;
};

/** How long a connection that was closed may take to disappear from the server's list. */
const closingGraceMs = 2_000;

const dropDatabase = async (admin: pg.Client, name: string) => {
  let open = await connectionsOf(admin, name);
  await eventually(async () => (open = await connectionsOf(admin, name)).length === 0, {
    timeoutMs: closingGraceMs,
  }).catch(() => undefined);
  await admin.query(`drop database if exists ${name} with (force)`);
  if (open.length > 0) {
    const names = open.map(({ application_name, query }) => `${application_name || '(unnamed)'}: ${query}`);
    throw new Error(`connections were left open: ${names.join('; ')}`);
  }
};
