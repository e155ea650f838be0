import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import { type TestDatabase, createTestDatabase } from '@bulkhead/testing/postgres';
import { freePort } from './free-ports';
import { migrate } from './migrate';
import { type DatabaseOptions, createDatabase } from './pool';
import { withClient } from './admin-client';

/** Run by `npm run test:pooler`, which says where PgBouncer is; in transaction mode, with nothing else configured. */
const program = process.env['PGBOUNCER'];

let test: TestDatabase;
let folder: string;
let stop: () => Promise<void>;
let through: (url: string) => string;

beforeAll(async () => {
  if (!program) throw new Error('PGBOUNCER does not say where PgBouncer is; run npm run test:pooler');
  test = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-pgbouncer-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const { hostname, port: serverPort } = new URL(test.url);
  const users = [test.url, test.ownerUrl].map((url) => {
    const { username, password } = new URL(url);
    return `"${username}" "${password}"`;
  });
  await writeFile(path.join(folder, 'users'), users.join('\n'));
  await writeFile(
    path.join(folder, 'ini'),
    `[databases]
* = host=${hostname} port=${serverPort} pool_size=2
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${path.join(folder, 'users')}
pool_mode = transaction
`,
  );
  // It refuses to be root.
  const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(program, [path.join(folder, 'ini')], { ...ids, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  stop = async () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
    await ended;
  };
  through = (url) => {
    const pooled = new URL(url);
    pooled.port = String(port);
    return pooled.href;
  };
  await eventually(() =>
    withClient(through(test.url), (client) => client.query('select 1')).then(
      () => true,
      () => false,
    ),
  );
}, 60_000);

afterAll(async () => {
  await stop?.();
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
