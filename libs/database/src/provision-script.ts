import pg from 'pg';

export interface ProvisionScriptOptions {
  /** Prefix of the roles `<service>_owner` and `<service>_app`, and of the database `bulkhead_<service>`. */
  readonly service: string;
  /** Default `bulkhead_<service>`. */
  readonly database?: string | undefined;
  /** The role that migrates. Default `<service>_owner`. */
  readonly owner?: string | undefined;
  /** The role of the service. Default `<service>_app`. */
  readonly app?: string | undefined;
  /** If omitted, the owner keeps its password, or has none. */
  readonly ownerPassword?: string | undefined;
  /** If omitted, the application role keeps its password, or has none. */
  readonly appPassword?: string | undefined;
  /** Extensions that the migrations expect, such as 'pg_trgm'. */
  readonly extensions?: readonly string[] | undefined;
  /** `statement_timeout` of the application role, in ms, unless the client sets another. Default 10000. */
  readonly statementTimeoutMs?: number | undefined;
}

/** One step of a script. A `generated` one is a query whose rows are the statements to run, as with psql's `\gexec`. */
export interface ScriptStep {
  readonly sql: string;
  readonly isGenerated: boolean;
}

/** What a service needs on a PostgreSQL server: run by `provisionDatabase`, or printed for an administrator. */
export interface ProvisionScript {
  readonly database: string;
  readonly owner: string;
  readonly app: string;
  /** In any database of the server. */
  readonly onServer: readonly ScriptStep[];
  /** Afterwards, in the database of the service. */
  readonly inDatabase: readonly ScriptStep[];
}

/**
 * All statements that create the roles, the database and the privileges of a service on a PostgreSQL 15–18 server.
 * Idempotent. Needs no superuser (`CREATEDB CREATEROLE` is enough) and revokes only what the roles must not have.
 */
export function provisionScript(options: ProvisionScriptOptions): ProvisionScript {
  const { service, extensions = [], statementTimeoutMs = 10_000 } = options;
  const database = options.database ?? `bulkhead_${service}`;
  const owner = options.owner ?? `${service}_owner`;
  const app = options.app ?? `${service}_app`;
  return {
    database,
    owner,
    app,
    onServer: [
      ...ensureRole(owner),
      ...ensureRole(app),
      run(`alter role ${id(app)} set statement_timeout = ${statementTimeoutMs}`),
      run(`alter role ${id(app)} set default_transaction_isolation = 'read committed'`),
      run(`alter role ${id(app)} set timezone = 'UTC'`),
      run(`alter role ${id(app)} set idle_in_transaction_session_timeout = '60s'`),
      ...ensureDatabase(database, owner),
      run(`revoke all on database ${id(database)} from public`),
      run(`grant connect on database ${id(database)} to ${id(app)}`),
    ],
    inDatabase: [
      ...extensions.map((extension) => run(`create extension if not exists ${id(extension)}`)),
      ...grantRows(owner, app),
      // Last: a migration that waits for its database starts only once the app role will have access to what it
      // creates.
      ...admitRole(owner, options.ownerPassword),
      ...admitRole(app, options.appPassword),
    ],
  };
}

/** The script in psql's format, connected to any database of the server. */
export const printScript = ({ database, onServer, inDatabase }: ProvisionScript): string =>
  [...onServer.map(print), `\\connect ${id(database)}`, ...inDatabase.map(print), ''].join('\n');

const print = ({ sql, isGenerated }: ScriptStep) => `${sql}${isGenerated ? ' \\gexec' : ';'}`;

const run = (sql: string): ScriptStep => ({ sql, isGenerated: false });
const generate = (statement: string, from: string): ScriptStep => ({
  sql: `select ${statement} ${from}`,
  isGenerated: true,
});

const ensureRole = (name: string) => [
  generate(
    text(`create role ${id(name)} nologin`),
    `where not exists (select from pg_roles where rolname = ${text(name)})`,
  ),
];

const ensureDatabase = (database: string, owner: string) => {
  const existing = `exists (select from pg_database where datname = ${text(database)})`;
  return [
    // Managed servers have no superuser: there, making a role the owner of a database requires membership of it.
    generate(
      `${text(`grant ${id(owner)} to `)} || quote_ident(current_user)`,
      'from pg_roles where rolname = current_user and not rolsuper',
    ),
    generate(text(`create database ${id(database)} owner ${id(owner)}`), `where not ${existing}`),
    run(`alter database ${id(database)} owner to ${id(owner)}`),
  ];
};

const grantRows = (owner: string, app: string) => {
  const rows = 'select, insert, update, delete';
  const owned = `alter default privileges for role ${id(owner)} in schema public`;
  return [
    ...[
      'revoke all on schema public from public',
      `grant usage on schema public to ${id(app)}`,
      `${owned} grant ${rows} on tables to ${id(app)}`,
      `${owned} grant usage, select on sequences to ${id(app)}`,
      // Existing objects: from a restore, or from before these defaults were set.
      `grant ${rows} on all tables in schema public to ${id(app)}`,
      `grant usage, select on all sequences in schema public to ${id(app)}`,
    ].map(run),
    // Only the owner records applied migrations.
    generate(
      text(`revoke insert, update, delete on _prisma_migrations from ${id(app)}`),
      "where to_regclass('public._prisma_migrations') is not null",
    ),
  ];
};

const admitRole = (name: string, password: string | undefined) => [
  // Only a superuser may use NOSUPERUSER, even to confirm it, and managed servers have none.
  ...['super:superuser', 'createdb:createdb', 'createrole:createrole'].map((attribute) => {
    const [column = '', word = ''] = attribute.split(':');
    return generate(
      text(`alter role ${id(name)} no${word}`),
      `from pg_roles where rolname = ${text(name)} and rol${column}`,
    );
  }),
  // Before PostgreSQL 16 an owner without INHERIT has no rights on its own database's public schema.
  run(`alter role ${id(name)} login inherit${password === undefined ? '' : ` password ${text(password)}`}`),
];

const id = (name: string) => pg.escapeIdentifier(name);
const text = (value: string) => pg.escapeLiteral(value).trimStart();
