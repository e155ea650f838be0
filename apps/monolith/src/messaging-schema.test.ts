import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { withClient } from '@bulkhead/database/admin-client';
import { assertNoDrift } from '@bulkhead/database/testing/drift';
import {
  createTestDatabase,
  type TestDatabaseOptions,
  testServerUrl,
} from '@bulkhead/database/testing/postgres';
import { definitions } from './definitions';

const root = path.join(__dirname, '../../..');
const migrationsOf = (app: string) => path.join(root, 'apps', app, 'prisma/migrations');
const services = readdirSync(path.join(root, 'apps')).filter((app) => existsSync(migrationsOf(app)));

/** Everything of messaging that a database holds, by name; what extensions brought along is not ours. */
const contents = `
  select 'function ' || p.oid::regprocedure as name, pg_get_functiondef(p.oid) as definition
  from pg_proc p
  where pronamespace = 'public'::regnamespace
    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  union all
  select 'table ' || oid::regclass, coalesce(reloptions::text, '')
  from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
  union all
  select 'column ' || attrelid::regclass || '.' || attname,
    concat_ws(' ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
      nullif(attidentity, ''), pg_get_expr(adbin, adrelid))
  from pg_attribute
  join pg_class c on c.oid = attrelid and relnamespace = 'public'::regnamespace and relkind = 'r'
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attnum > 0 and not attisdropped
  union all
  select 'index ' || indrelid::regclass || ' ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
  from pg_index join pg_class c on c.oid = indrelid and relnamespace = 'public'::regnamespace`;

async function read(options: TestDatabaseOptions, sql: string[]): Promise<Record<string, string>> {
  const database = await createTestDatabase(options);
  try {
    return await withClient(database.ownerUrl, async (client) => {
      for (const text of sql) await client.query(text);
      const { rows } = await client.query<{ name: string; definition: string }>(contents);
      return Object.fromEntries(rows.map(({ name, definition }) => [name, definition]));
    });
  } finally {
    await database.drop();
  }
}

/** The tables a name is about: a service has more of them, but no more columns or indexes on one of messaging's. */
const isAbout = (names: readonly string[]) => {
  const ours = new Set(names.flatMap(subjectOf));
  return (name: string) => subjectOf(name).some((subject) => ours.has(subject));
};
const subjectOf = (name: string): string[] => /^\w+ (\w+)/.exec(name)?.slice(1) ?? [];

describe('the migrations of every service', () => {
  let expected: Record<string, string>;
  beforeAll(async () => {
    const folder = path.join(root, 'libs/messaging/sql');
    const versions = readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .sort((one, other) => Number.parseInt(one) - Number.parseInt(other));
    const sql = versions.map((name) => readFile(path.join(folder, name), 'utf8'));
    expected = await read({}, await Promise.all(sql));
  }, 60_000);

  it('are those of the services that have a database', () => {
    const withDatabase = definitions.filter(({ database }) => database).map(({ name }) => name);
    expect(services.sort()).toEqual([...withDatabase].sort());
  });

  it.each(services)(
    'make of messaging what its own files make: %s',
    async (service) => {
      const { extensions = [] } = definitions.find(({ name }) => name === service) ?? {};
      const made = await read({ service, migrationsDir: migrationsOf(service), extensions }, []);
      const isMessaging = isAbout(Object.keys(expected));
      expect(Object.fromEntries(Object.entries(made).filter(([name]) => isMessaging(name)))).toEqual(
        expected,
      );
    },
    60_000,
  );
});

it('missing messaging tables of a service are found, and drafted as defined there', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-lacking-'));
  try {
    const migrations = path.join(folder, 'prisma/migrations');
    await cp(path.join(root, 'apps/auth/prisma'), path.join(folder, 'prisma'), { recursive: true });
    await rm(path.join(migrations, '20261127220000_outbox_read_in_order'), { recursive: true });
    await expect(assertNoDrift(folder)).rejects.toThrow('-- libs/messaging/sql/2-outbox-functions.sql');

    const { stdout } = await promisify(execFile)(
      process.execPath,
      [path.join(root, 'tools/shop/migration.ts'), folder, 'read_in_order'],
      { env: { ...process.env, TEST_DATABASE_URL: await testServerUrl() } },
    );
    const drafted = await readFile(path.resolve(root, stdout.trim()), 'utf8');
    const version = await readFile(path.join(root, 'libs/messaging/sql/2-outbox-functions.sql'), 'utf8');
    expect(drafted.trim()).toBe(`-- libs/messaging/sql/2-outbox-functions.sql\n${version.trim()}`);
    await assertNoDrift(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
