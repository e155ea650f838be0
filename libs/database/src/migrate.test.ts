import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import { type TestDatabase, createTestDatabase } from './testing/postgres';
import { MigrationError, migrate, migrationStatus, resolveMigration } from './migrate';
import { pendingMigrations, readMigrations } from './migrations';
import { createDatabase } from './pool';
import { withClient } from './admin-client';

let test: TestDatabase;
let migrationsDir: string;

beforeEach(async () => {
  test = await createTestDatabase();
  migrationsDir = await mkdtemp(path.join(tmpdir(), 'bulkhead-migrations-'));
  await write('001_first', 'create table item (id int primary key);');
}, 60_000);

afterEach(async () => {
  await rm(migrationsDir, { recursive: true });
  await test.drop();
});

const write = async (name: string, sql: string) => {
  await mkdir(path.join(migrationsDir, name), { recursive: true });
  await writeFile(path.join(migrationsDir, name, 'migration.sql'), sql);
};
const run = (more: object = {}) => migrate({ url: test.ownerUrl, migrationsDir, ...more });
const status = async () =>
  (await migrationStatus({ url: test.ownerUrl, migrationsDir })).map(({ name, state }) => `${name} ${state}`);
const query = (text: string) => withClient(test.ownerUrl, (client) => client.query(text));

it('applies what is pending in order and does nothing the next time', async () => {
  await write('002_second', 'alter table item add label text; insert into item values (1, $$a;b$$);');
  expect(await status()).toEqual(['001_first pending', '002_second pending']);
  expect(await run()).toEqual(['001_first', '002_second']);
  expect(await run()).toEqual([]);
  expect(await status()).toEqual(['001_first applied', '002_second applied']);
  expect((await query('select * from item')).rows).toEqual([{ id: 1, label: 'a;b' }]);
});

it('reports unknown applied migrations before it applies any, and continues unless configured otherwise', async () => {
  await write('003_later', 'create table later ();');
  await run();
  await rm(path.join(migrationsDir, '003_later'), { recursive: true });
  await write('002_own', 'create table own ();');
  const onUnknown = (names: readonly string[]) => {
    throw new Error(`unknown: ${names.join()}`);
  };
  await expect(run({ onUnknown })).rejects.toThrow('unknown: 003_later');
  expect(await status()).toEqual(['001_first applied', '002_own pending']);
  expect(await run()).toEqual(['002_own']);
});

it('lets two runners at once apply everything exactly once', async () => {
  await write('002_slow', 'select pg_sleep(0.2); create table other ();');
  const applied = await Promise.all([run(), run(), run()]);
  expect(applied.flat()).toEqual(['001_first', '002_slow']);
});

it('gives up waiting for another runner with a sentence', async () => {
  await withClient(test.ownerUrl, async (other) => {
    await other.query('select pg_advisory_lock(72707369)');
    let waiting = 0;
    await expect(run({ runnerWaitMs: 50, onWaiting: () => waiting++ })).rejects.toThrow('another runner');
    expect(waiting).toBe(1);
  });
});

it('rolls a failed migration back, keeps the reason, and runs the corrected one next time', async () => {
  await write('002_bad', 'create table half (); select no_such_column from item;');
  await expect(run()).rejects.toThrow(/002_bad failed and was rolled back: .*no_such_column.*42703/);
  expect(await status()).toEqual(['001_first applied', '002_bad failed']);
  expect((await query(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }]);

  await write('002_bad', 'create table half ();');
  expect(await run()).toEqual(['002_bad']);
  expect(await status()).toEqual(['001_first applied', '002_bad applied']);
});

it('goes on after a runner that was killed in the middle', async () => {
  await run();
  await write('002_slow', 'create table slow (); select pg_sleep(60);');
  const killed = expect(run()).rejects.toThrow(MigrationError);
  await eventually(async () => {
    const { rows } = await withClient(test.adminUrl, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query like 'create table slow%'`,
      ),
    );
    return rows.length === 1;
  });
  await killed;
  expect(
    (await query('select from _prisma_migrations where finished_at is null and rolled_back_at is null'))
      .rowCount,
  ).toBe(1);
  await write('002_slow', 'create table slow ();');
  expect(await run()).toEqual(['002_slow']);
});

it('stops working when it loses the lock that keeps other runners out', async () => {
  await run();
  await write('002_slow', 'create table slow (); select pg_sleep(60);');
  const cutOff = expect(run()).rejects.toThrow(MigrationError);
  await eventually(async () => {
    const { rows } = await withClient(test.adminUrl, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query like '%pg_try_advisory_xact_lock%'
           and exists (select from pg_stat_activity where query like 'create table slow%')
           and pid <> pg_backend_pid()`,
      ),
    );
    return rows.length === 1;
  });
  await cutOff;
});

it('stops when an applied migration was edited', async () => {
  await run();
  await write('001_first', 'create table item (id bigint primary key);');
  await expect(run()).rejects.toThrow('001_first was edited after it had been applied');
});

it('refuses a migration that ends the transaction itself', async () => {
  await write('002_commits', 'create table early (); commit; create table late ();');
  await expect(run()).rejects.toThrow('it contains BEGIN or COMMIT');
});

it('builds an index concurrently where the migration asks for it', async () => {
  await write(
    '002_index',
    '-- no-transaction\ncreate index concurrently if not exists item_id on item (id);',
  );
  expect(await run()).toEqual(['001_first', '002_index']);
});

it('waits for a lock on a table in use only for so long', async () => {
  await run();
  await write('002_alter', 'alter table item add label text;');
  await withClient(test.ownerUrl, async (reader) => {
    await reader.query('begin; select from item');
    await expect(run({ lockTimeoutMs: 50 })).rejects.toThrow('a table is in use');
  });
  expect(await run()).toEqual(['002_alter']);
});

it('accepts an operator’s statement about manual changes', async () => {
  await query('create table item (id int primary key)');
  await expect(run()).rejects.toThrow('already exists');
  const options = { url: test.ownerUrl, migrationsDir, name: '001_first' };
  await resolveMigration({ ...options, as: 'applied' });
  await expect(resolveMigration({ ...options, as: 'applied' })).rejects.toThrow('already applied');
  expect(await run()).toEqual([]);
  await query('drop table item');
  await resolveMigration({ ...options, as: 'rolled-back' });
  expect(await run()).toEqual(['001_first']);
  await expect(resolveMigration({ ...options, name: '009', as: 'applied' })).rejects.toThrow(
    'no migration named 009',
  );
});

it('gives the app read-only access to pending migrations', async () => {
  const database = createDatabase({ url: test.url, applicationName: 'readiness' });
  const migrations = await readMigrations(migrationsDir);
  expect(await pendingMigrations(database, migrations)).toEqual(['001_first']);
  await run();
  expect(await pendingMigrations(database, migrations)).toEqual([]);
  await expect(database.query({ text: 'delete from _prisma_migrations' })).rejects.toMatchObject({
    code: '42501',
  });
  await database.close();
});

it('says which folder is missing', async () => {
  await expect(run({ migrationsDir: '/nowhere/migrations' })).rejects.toThrow('/nowhere/migrations');
});
