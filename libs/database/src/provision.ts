import pg from 'pg';
import { withClient, withExclusiveClient } from './admin-client';

export interface ProvisionOptions {
  /** A role that may create roles and databases. */
  readonly adminUrl: string;
  /** Names the roles `<service>_owner` and `<service>_app` and the database `bulkhead_<service>`. */
  readonly service: string;
  readonly ownerPassword: string;
  readonly appPassword: string;
  /** Default `bulkhead_<service>`. */
  readonly database?: string;
  /** Extensions that need an administrator, as 'pg_trgm'. */
  readonly extensions?: readonly string[];
  /** Longest statement of the app role, in ms, where the client asks for no other. Default 10000. */
  readonly statementTimeoutMs?: number;
}

export interface ProvisionedDatabase {
  /** For migrations: owns the database and its schema. */
  readonly ownerUrl: string;
  /** For the service: reads and writes rows, changes no schema. */
  readonly appUrl: string;
}

/** One provisioner at a time on a server: creating roles and databases cannot be repeated safely side by side. */
const provisionLock = 72_001;
const provisionWaitMs = 120_000;

/**
 * Makes what a service needs on a PostgreSQL 15–18 server and is missing: two roles, and a database that nobody else
 * may connect to. May be repeated; sets the passwords and grants anew.
 * @throws pg's DatabaseError when the administrator lacks a right; LockTaken when another provisioner works for 2 min.
 */
export const provisionDatabase = async (options: ProvisionOptions): Promise<ProvisionedDatabase> => {
  const { service, statementTimeoutMs = 10_000 } = options;
  const database = options.database ?? `bulkhead_${service}`;
  const owner = `${service}_owner`;
  const app = `${service}_app`;
  await withExclusiveClient(
    options.adminUrl,
    { key: provisionLock, waitMs: provisionWaitMs },
    async (admin) => {
      await ensureRole(admin, owner);
      await ensureRole(admin, app);
      await admin.query(`alter role ${id(app)} set statement_timeout = ${statementTimeoutMs}`);
      await admin.query(`alter role ${id(app)} set default_transaction_isolation = 'read committed'`);
      await admin.query(`alter role ${id(app)} set timezone = 'UTC'`);
      await admin.query(`alter role ${id(app)} set idle_in_transaction_session_timeout = '60s'`);
      await ensureDatabase(admin, database, owner);
      await admin.query(`revoke all on database ${id(database)} from public`);
      await admin.query(`grant connect on database ${id(database)} to ${id(app)}`);
      await withClient(atDatabase(options.adminUrl, database), async (inside) => {
        for (const extension of options.extensions ?? []) {
          await inside.query(`create extension if not exists ${id(extension)}`);
        }
        await grantRows(inside, owner, app);
      });
      // Last: a migration that is waiting for its database begins only when what it makes will be the app role's to use.
      await admitRole(admin, owner, options.ownerPassword);
      await admitRole(admin, app, options.appPassword);
    },
  );
  return {
    ownerUrl: atDatabase(options.adminUrl, database, owner, options.ownerPassword),
    appUrl: atDatabase(options.adminUrl, database, app, options.appPassword),
  };
};

const ensureRole = async (admin: pg.Client, name: string) => {
  const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [name]);
  if (!rowCount) await admin.query(`create role ${id(name)} nologin`);
};

const admitRole = async (admin: pg.Client, name: string, password: string) => {
  const { rows } = await admin.query<{ superuser: boolean; createdb: boolean; createrole: boolean }>(
    'select rolsuper as superuser, rolcreatedb as createdb, rolcreaterole as createrole from pg_roles where rolname = $1',
    [name],
  );
  // Only a superuser may even say "nosuperuser", and managed servers give nobody that.
  const excess = Object.entries(rows[0] ?? {}).flatMap(([attribute, has]) => (has ? [`no${attribute}`] : []));
  // Before PostgreSQL 16 an owner that inherits nothing has no rights on its own database's public schema.
  await admin.query(
    `alter role ${id(name)} login ${excess.join(' ')} inherit password ${pg.escapeLiteral(password)}`,
  );
};

const ensureDatabase = async (admin: pg.Client, database: string, owner: string) => {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [database]);
  // Managed servers have no superuser: there, giving a database to a role takes membership of it.
  const { rows } = await admin.query<{ super: boolean }>(
    'select rolsuper as super from pg_roles where rolname = current_user',
  );
  if (!rows[0]?.super) await admin.query(`grant ${id(owner)} to current_user`);
  await admin.query(
    rowCount
      ? `alter database ${id(database)} owner to ${id(owner)}`
      : `create database ${id(database)} owner ${id(owner)}`,
  );
};

const grantRows = async (inside: pg.Client, owner: string, app: string) => {
  const rows = 'select, insert, update, delete';
  const owned = `alter default privileges for role ${id(owner)} in schema public`;
  for (const statement of [
    'revoke all on schema public from public',
    `grant usage on schema public to ${id(app)}`,
    `${owned} grant ${rows} on tables to ${id(app)}`,
    `${owned} grant usage, select on sequences to ${id(app)}`,
    // What was made before: by a restore, or before these defaults stood.
    `grant ${rows} on all tables in schema public to ${id(app)}`,
    `grant usage, select on all sequences in schema public to ${id(app)}`,
  ]) {
    await inside.query(statement);
  }
};

const id = (name: string) => pg.escapeIdentifier(name);

/** The same server, another database and perhaps another role. */
export const atDatabase = (serverUrl: string, database: string, user?: string, password?: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.toString();
};
