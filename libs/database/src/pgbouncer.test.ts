import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import { type PgBouncer, startPgBouncer } from './testing/pgbouncer';
import { type TestDatabase, createTestDatabase } from './testing/postgres';
import { migrate } from './migrate';
import { type DatabaseOptions, createDatabase } from './pool';
import { withClient } from './admin-client';

/** Run by `npm run test:pooler`, which says where PgBouncer is; in transaction mode, with nothing else configured. */
const program = process.env['PGBOUNCER'];

let test: TestDatabase;
let folder: string;
let pgBouncer: PgBouncer;
const through = (url: string) => pgBouncer.through(url);

beforeAll(async () => {
  if (!program) throw new Error('PGBOUNCER does not say where PgBouncer is; run npm run test:pooler');
  test = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-pooled-'));
  pgBouncer = await startPgBouncer({
    program,
    adminUrl: test.adminUrl,
    settings: { default_pool_size: 2 },
  });
}, 60_000);

afterAll(async () => {
  await pgBouncer?.stop();
  await rm(folder, { recursive: true, force: true });
  await test?.drop();
});

const open = (options: Partial<DatabaseOptions> = {}) =>
  createDatabase({
    url: through(test.url),
    applicationName: 'pooled',
    statementTimeoutMs: 9_000,
    ...options,
  });

const running = () =>
  withClient(test.adminUrl, async (admin) => {
    const { rowCount } = await admin.query(
      `select from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'
       and datname = current_database()`,
    );
    return rowCount ?? 0;
  });

it('connects with the limits that the service asks for', async () => {
  const database = open();
  const { rows } = await database.query({ text: 'show statement_timeout' });
  expect(rows).toEqual([{ statement_timeout: '9s' }]);
  await database.close();
});

it('ends the statement of an aborted transaction on the server', async () => {
  const database = open();
  const controller = new AbortController();
  const work = database.transaction((tx) => tx.query({ text: 'select pg_sleep(60)' }), {
    signal: controller.signal,
  });
  const outcome = expect(work).rejects.toThrow('enough');
  await eventually(async () => (await running()) === 1);
  controller.abort(new Error('enough'));
  await outcome;
  await eventually(async () => (await running()) === 0);
  await database.close();
});

it('reads with a transaction that cannot write, and leaves later ones as they were', async () => {
  const reader = open({ poolSize: 1 });
  await reader.transaction((tx) => tx.query({ text: 'select 1' }), { readOnly: true });
  const { rows } = await reader.query({ text: 'show transaction_read_only' });
  expect(rows).toEqual([{ transaction_read_only: 'off' }]);
  await reader.close();
});

it('migrates with one runner at a time, and leaves no lock or setting behind', async () => {
  const migrationsDir = path.join(folder, 'migrations');
  const write = async (name: string, sql: string) => {
    await mkdir(path.join(migrationsDir, name), { recursive: true });
    await writeFile(path.join(migrationsDir, name, 'migration.sql'), sql);
  };
  await write('001_slow', 'create table slow (id int); select pg_sleep(0.2);');
  await write('002_index', '-- no-transaction\ncreate index concurrently slow_id on slow (id);');
  const run = () => migrate({ url: through(test.ownerUrl), migrationsDir });
  const applied = await Promise.all([run(), run()]);
  expect(applied.flat()).toEqual(['001_slow', '002_index']);
  await withClient(test.adminUrl, async (admin) => {
    const locks = await admin.query(
      `select from pg_locks where locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(locks.rowCount).toBe(0);
  });
  for (let connection = 0; connection < 2; connection++) {
    const { rows } = await withClient(through(test.ownerUrl), (client) => client.query('show lock_timeout'));
    expect(rows).toEqual([{ lock_timeout: '0' }]);
  }
});
