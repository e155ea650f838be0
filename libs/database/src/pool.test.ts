import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import { type TestDatabase, createTestDatabase } from './testing/postgres';
import {
  DatabaseUnavailable,
  isForeignKeyViolation,
  isStatementCancelled,
  isUniqueViolation,
} from './errors';
import { startEmbeddedPostgres } from '@bulkhead/development/embedded';
import { freePort } from '@bulkhead/development/free-ports';
import { type DatabaseOptions, createDatabase } from './pool';
import { withClient } from './admin-client';
import { atDatabase } from './provision';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await withClient(test.ownerUrl, (client) =>
    client.query('create table account (id int8 primary key, balance int8 not null)'),
  );
}, 60_000);

afterAll(() => test.drop());

const open = (options: Partial<DatabaseOptions> = {}) =>
  createDatabase({ url: test.url, applicationName: 'pool-test', ...options });

const runningStatements = () =>
  withClient(test.adminUrl, async (client) => {
    const { rows } = await client.query(
      `select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`,
    );
    return rows.length;
  });

it('runs a named statement as a prepared one and reads int8 as an exact number', async () => {
  const database = open({ poolSize: 1 });
  const statement = { name: 'big', text: 'select $1::int8 as small, $2::int8 as large' };
  const { rows } = await database.query({ ...statement, values: [42, '9007199254740993'] });
  expect(rows).toEqual([{ small: 42, large: 9007199254740993n }]);
  const prepared = await database.query({ text: 'select name from pg_prepared_statements' });
  expect(prepared.rows).toEqual([{ name: 'big' }]);
  await database.close();
});

it('commits what the work wrote, then calls back', async () => {
  const database = open();
  const seen: string[] = [];
  await database.transaction(async (tx) => {
    tx.afterCommit(() => seen.push('committed'));
    await tx.query({ text: 'insert into account values (1, 10)' });
    expect(seen).toEqual([]);
  });
  expect(seen).toEqual(['committed']);
  expect((await database.query({ text: 'select from account where id = 1' })).rowCount).toBe(1);
  await database.close();
});

it('rolls back, calls nothing back and rethrows when the work throws', async () => {
  const database = open();
  let called = false;
  const work = database.transaction(async (tx) => {
    tx.afterCommit(() => (called = true));
    await tx.query({ text: 'insert into account values (2, 10)' });
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(called).toBe(false);
  expect((await database.query({ text: 'select from account where id = 2' })).rowCount).toBe(0);
  await database.close();
});

it('does not report success when a failed statement was swallowed', async () => {
  const database = open();
  const work = database.transaction(async (tx) => {
    await tx.query({ text: 'insert into account values (3, 1)' });
    await tx.query({ text: 'select 1/0' }).catch(() => undefined);
  });
  await expect(work).rejects.toThrow('rolled back');
  await database.close();
});

it('repeats both of two transactions that deadlock until they are through', async () => {
  const retried: number[] = [];
  const database = open({ observer: { retried: (attempt) => retried.push(attempt) } });
  await database.query({ text: 'insert into account values (10, 0), (11, 0)' });
  let arrived = 0;
  const transfer = (first: number, second: number) =>
    database.transaction(async (tx) => {
      await tx.query({ text: 'update account set balance = balance + 1 where id = $1', values: [first] });
      arrived++;
      // Both hold their first row before either asks for the second; a repeat goes straight on.
      await eventually(() => arrived >= 2);
      await tx.query({ text: 'update account set balance = balance + 1 where id = $1', values: [second] });
    });
  await Promise.all([transfer(10, 11), transfer(11, 10)]);
  const { rows } = await database.query({ text: 'select balance from account where id in (10, 11)' });
  expect(rows).toEqual([{ balance: 2 }, { balance: 2 }]);
  expect(retried.length).toBeGreaterThanOrEqual(1);
  await database.close();
});

it('gives up after the allowed number of conflicts', async () => {
  const database = open();
  let attempts = 0;
  const work = database.transaction(
    async (tx) => {
      attempts++;
      await tx.query({ text: `do $$ begin raise exception 'conflict' using errcode = '40001'; end $$` });
    },
    { retries: 2 },
  );
  await expect(work).rejects.toMatchObject({ code: '40001' });
  expect(attempts).toBe(3);
  await database.close();
});

it('ends a running statement on the server when the signal aborts', async () => {
  const database = open();
  const controller = new AbortController();
  const work = database.transaction((tx) => tx.query({ text: 'select pg_sleep(60)' }), {
    signal: controller.signal,
  });
  const outcome = expect(work).rejects.toThrow('enough');
  await eventually(async () => (await runningStatements()) === 1);
  controller.abort(new Error('enough'));
  await outcome;
  await eventually(async () => (await runningStatements()) === 0);
  expect((await database.query({ text: 'select 1 as one' })).rows).toEqual([{ one: 1 }]);
  await database.close();
});

it('stops waiting for a connection when the signal aborts, and loses none', async () => {
  const database = open({ poolSize: 1 });
  const controller = new AbortController();
  await database.transaction(async () => {
    const waiting = database.transaction(async () => undefined, { signal: controller.signal });
    const outcome = expect(waiting).rejects.toThrow('enough');
    await eventually(() => database.stats().waiting === 1);
    controller.abort(new Error('enough'));
    await outcome;
  });
  expect((await database.query({ text: 'select 1 as one' })).rows).toEqual([{ one: 1 }]);
  await database.close();
});

it('is unavailable when no connection becomes free in time', async () => {
  const database = open({ poolSize: 1, acquireTimeoutMs: 50 });
  await database.transaction(async () => {
    await expect(database.query({ text: 'select 1' })).rejects.toThrow(DatabaseUnavailable);
  });
  await database.close();
});

it('is unavailable when nothing listens at the address', async () => {
  const url = `postgres://a:b@127.0.0.1:${await freePort()}/c`;
  const database = open({ url });
  await expect(database.query({ text: 'select 1' })).rejects.toThrow(DatabaseUnavailable);
  await database.close();
});

it('survives the loss of idle and of busy connections, and says so in the error', async () => {
  const warnings: string[] = [];
  const database = open({ logger: { warn: (_context, message) => void warnings.push(message) } });
  const busy = database.query({ text: 'select pg_sleep(60)' });
  const outcome = expect(busy).rejects.toThrow(DatabaseUnavailable);
  await database.transaction(() => database.query({ text: 'select 1' }));
  await eventually(async () => (await runningStatements()) === 1);
  await withClient(test.adminUrl, (client) =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool-test'`,
    ),
  );
  await outcome;
  // The transaction had one connection and the statement in it another: both were idle.
  await eventually(() => warnings.length >= 2);
  expect((await database.query({ text: 'select 1 as one' })).rows).toEqual([{ one: 1 }]);
  await database.close();
});

it('says that the outcome is unknown when the connection is lost during COMMIT', async () => {
  const database = open();
  const work = database.transaction(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
    await withClient(test.adminUrl, (client) =>
      client.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]),
    );
  });
  await expect(work).rejects.toMatchObject({ name: 'DatabaseUnavailable', mayHaveCommitted: true });
  await database.close();
});

it('ends a statement that runs longer than the limit', async () => {
  const database = open({ statementTimeoutMs: 50 });
  const error: unknown = await database.query({ text: 'select pg_sleep(60)' }).catch((e: unknown) => e);
  expect(isStatementCancelled(error)).toBe(true);
  await database.close();
});

it('recognises a violated constraint by its name', async () => {
  const database = open();
  await database.query({ text: 'insert into account values (20, 0)' });
  const error: unknown = await database
    .query({ text: 'insert into account values (20, 0)' })
    .catch((e: unknown) => e);
  expect(isUniqueViolation(error)).toBe(true);
  expect(isUniqueViolation(error, 'account_pkey')).toBe(true);
  expect(isUniqueViolation(error, 'another')).toBe(false);
  expect(isForeignKeyViolation(error)).toBe(false);
  await database.close();
});

describe('a server that accepts no connection', () => {
  const refusedRole = 'test_refused';
  const administer = (...statements: string[]) =>
    withClient(test.adminUrl, async (admin) => {
      for (const statement of statements) await admin.query(statement);
    });

  beforeAll(() =>
    administer(
      `drop role if exists ${refusedRole}`,
      `create role ${refusedRole} login password 'right'`,
      `revoke connect on database ${test.name} from public`,
    ),
  );
  afterAll(() => administer(`drop owned by ${refusedRole}`, `drop role ${refusedRole}`));

  const as = (password: string, database?: string) =>
    atDatabase(test.adminUrl, database ?? test.name, refusedRole, password);

  it.each([
    ['the password is wrong', () => as('wrong'), '28P01', []],
    ['the database is missing', () => as('right', 'no_such_database'), '3D000', []],
    ['the role may not connect', () => as('right'), '42501', []],
    ['the role may not sign in', () => as('right'), '28000', [`alter role ${refusedRole} nologin`]],
  ])('is unavailable when %s, and says why', async (_what, url, code, before) => {
    await administer(...before);
    const database = open({ url: url() });
    await expect(database.query({ text: 'select 1' })).rejects.toMatchObject({
      name: 'DatabaseUnavailable',
      message: expect.stringContaining(code) as string,
    });
    await expect(database.transaction(async () => undefined)).rejects.toThrow(DatabaseUnavailable);
    // Prisma takes its connections from the pool itself.
    await expect(database.pool.query('select 1')).rejects.toThrow(DatabaseUnavailable);
    await database.close();
    await administer(`alter role ${refusedRole} login`);
  });

  it('is unavailable when it does not speak TLS and the client asks for it', async () => {
    const url = new URL(test.url);
    url.searchParams.set('sslmode', 'require');
    const database = open({ url: url.href });
    await expect(database.query({ text: 'select 1' })).rejects.toThrow(DatabaseUnavailable);
    await database.close();
  });
});

it('commits reads and writes at read committed, whatever the server’s default is', async () => {
  await withClient(test.adminUrl, (admin) =>
    admin.query(`alter database ${test.name} set default_transaction_isolation = 'serializable'`),
  );
  const database = open();
  const level = { text: 'show transaction_isolation' };
  expect((await database.query(level)).rows).toEqual([{ transaction_isolation: 'read committed' }]);
  expect((await database.transaction((tx) => tx.query(level))).rows).toEqual([
    { transaction_isolation: 'read committed' },
  ]);
  await database.close();
  await withClient(test.adminUrl, (admin) =>
    admin.query(`alter database ${test.name} reset default_transaction_isolation`),
  );
});

it('lets a transaction that only reads write nothing', async () => {
  const database = open();
  const work = database.transaction((tx) => tx.query({ text: 'insert into account values (30, 0)' }), {
    readOnly: true,
  });
  await expect(work).rejects.toThrow(DatabaseUnavailable);
  await database.close();
});

describe('during a failover', () => {
  it('drops a connection that turns out to be read-only, whoever used it', async () => {
    const database = open({ poolSize: 1 });
    const write = 'insert into account values (40, 0)';
    await database.query({ text: `set default_transaction_read_only = on` });
    await expect(database.query({ text: write })).rejects.toThrow(DatabaseUnavailable);
    await database.query({ text: write });

    await database.query({ text: `set default_transaction_read_only = on` });
    await expect(database.pool.query('delete from account where id = 40')).rejects.toMatchObject({
      code: '25006',
    });
    expect((await database.query({ text: 'delete from account where id = 40' })).rowCount).toBe(1);
    await database.close();
  });

  it('does not take a standby for the database, and takes it once it is promoted', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'bulkhead-standby-'));
    await (await startEmbeddedPostgres({ dataDir })).stop();
    const signal = path.join(dataDir, 'cluster', 'standby.signal');
    await writeFile(signal, '');
    const { uid, gid } = await stat(path.dirname(signal));
    await chown(signal, uid, gid);
    const standby = await startEmbeddedPostgres({ dataDir });
    const database = open({ url: standby.adminUrl });
    try {
      await expect(database.query({ text: 'select 1' })).rejects.toThrow('the server is a standby');
      await expect(database.pool.query('select 1')).rejects.toThrow(DatabaseUnavailable);
      expect(database.stats().total).toBe(0);
      await withClient(standby.adminUrl, (admin) => admin.query('select pg_promote()'));
      expect((await database.query({ text: 'select 1 as one' })).rows).toEqual([{ one: 1 }]);
    } finally {
      await database.close();
      await standby.stop();
      await rm(dataDir, { recursive: true });
    }
  });
});
