/** Prisma's schema engine, the WebAssembly one: what `prisma migrate diff` does, without downloading a program. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

/** In parts: the name of the temporary database goes beside them, which a connection string would override. */
const connection = (url: string) => {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    // The engine has no end of its own; its connections must not keep the process.
    idleTimeoutMillis: 100,
  };
};

/** Of the browser's types, which the tools have not. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let instantiated: Promise<void> | undefined;

/** Its JavaScript half keeps the one instance in a variable, so that a process can have no second. */
const instantiate = async (): Promise<void> => {
  const location = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = readFileSync(path.join(path.dirname(location), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
};

const createEngine = async (url: string, schema: [file: string, text: string]) => {
  await (instantiated ??= instantiate());
  const adapter = bindMigrationAwareSqlAdapterFactory(adapterFactory(connection(url)));
  return bindings.SchemaEngine.new({ datamodels: [schema] }, () => undefined, adapter);
};

type Connection = ReturnType<typeof connection>;

/** PostgreSQL's catalog has columns of the type "char", which the engine asks for and the adapter doesn't know. */
const char = 18;
const text = 25;

/** Reads "char" as text, then calls it a character again. The engine sends one query at a time. */
const adapterFactory = (server: Connection) => {
  const factory = new PrismaPg(server, { onPoolError: () => undefined });
  const patch = async (connecting: ReturnType<typeof factory.connect>) => {
    const adapter = await connecting;
    const pool = adapter.underlyingDriver();
    const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryResult>;
    const queryRaw = adapter.queryRaw.bind(adapter);
    let isChar: boolean[] = [];
    pool.query = (async (...args: unknown[]) => {
      const result = await query(...args);
      isChar = (result.fields ?? []).map((field) => field.dataTypeID === char);
      for (const field of result.fields ?? []) if (field.dataTypeID === char) field.dataTypeID = text;
      return result;
    }) as typeof pool.query;
    adapter.queryRaw = async (params) => {
      const result = await queryRaw(params);
      const columnTypes = result.columnTypes.map((type, i) => (isChar[i] ? ColumnTypeEnum.Character : type));
      return { ...result, columnTypes };
    };
    // The adapter's own cuts a script at every semicolon, in comments and functions too.
    const failing = adapter as unknown as { onError(error: unknown): never };
    adapter.executeScript = async (script) =>
      void (await query(script).catch((error: unknown) => failing.onError(error)));
    return adapter;
  };
  return {
    provider: 'postgres' as const,
    adapterName: factory.adapterName,
    connect: () => patch(factory.connect()),
    connectToShadowDb: () => patch(connectToTemporary(server)),
  };
};

/** The adapter's own drops its temporary database while a connection is still closing, and fails. */
const connectToTemporary = async (server: Connection) => {
  const database = `migration_check_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `create database ${database}`);
  const adapter = await new PrismaPg({ ...server, database }, { onPoolError: () => undefined }).connect();
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    await dispose();
    await execute(server, `drop database ${database} with (force)`);
  };
  return adapter;
};

const execute = async (server: Connection, statement: string): Promise<void> => {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};

const noFilter = { externalTables: [], externalEnums: [] };

const asMigration = (name: string, sql: string) => ({
  path: name,
  migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
});

/** A migrations folder as the engine wants it, with SQL that is to follow. */
const migrationList = (directory: string, following = '') => {
  const names = existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  return {
    baseDir: directory,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: [
      ...names
        .map(({ name }) => name)
        .sort()
        .map((name) => asMigration(name, readFileSync(path.join(directory, name, 'migration.sql'), 'utf8'))),
      ...(following === '' ? [] : [asMigration('99999999999999_following', following)]),
    ],
  };
};

interface Service {
  /** Of a role that may create databases: the migrations are played into a temporary one. */
  readonly url: string;
  readonly migrationsDir: string;
  readonly schemaPath: string;
}

/**
 * The SQL that is missing between the migrations and schema.prisma; '' when they agree. `following` is SQL that will come
 * after the migrations in any case.
 */
export const missingSql = async ({
  url,
  migrationsDir,
  schemaPath,
  following,
}: Service & { readonly following: string }): Promise<string> => {
  const schema: [string, string] = [schemaPath, readFileSync(schemaPath, 'utf8')];
  const engine = await createEngine(url, schema);
  const { stdout } = await engine.diff({
    from: { tag: 'migrations', ...migrationList(migrationsDir, following) },
    to: { tag: 'schemaDatamodel', files: [{ path: schema[0], content: schema[1] }] },
    script: true,
    exitCode: null,
    filters: noFilter,
  });
  const sql = (stdout ?? '').trim();
  return sql === '-- This is an empty migration.' ? '' : sql;
};

/** How Prisma itself judges the history that a database has recorded. */
export const diagnose = async ({ url, migrationsDir, schemaPath }: Service) => {
  const engine = await createEngine(url, [schemaPath, readFileSync(schemaPath, 'utf8')]);
  return engine.diagnoseMigrationHistory({
    migrationsList: migrationList(migrationsDir),
    optInToShadowDatabase: false,
    filters: noFilter,
  });
};
