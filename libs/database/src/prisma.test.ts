import path from 'node:path';
import { InjectedFault, injectedFaultOf } from '@bulkhead/resilience/faults';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestDatabase, type TestDatabase } from './testing/postgres';
import { PrismaClient } from './generated/prisma/client';
import { DatabaseUnavailable, isContended, isUnavailable, isUniqueViolation, sqlState } from './errors';
import { freePort } from '@bulkhead/development/free-ports';
import { createDatabase, type DatabaseOptions } from './pool';
import { withClient } from './admin-client';
import { databaseNow, withPrisma } from './prisma';

const migrationsDir = path.join(__dirname, '../prisma/migrations');
const id = '01890000-0000-7000-8000-000000000001';
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ migrationsDir, service: 'database' });
}, 60_000);

afterAll(() => test.drop());

it('shares its connections with a Prisma client, and outlives it', async () => {
  const database = createDatabase({ url: test.url, applicationName: 'prisma-test', poolSize: 1 });
  const { prisma } = withPrisma(database, (adapter) => new PrismaClient({ adapter }));
  await prisma.shelf.create({ data: { id, label: 'a', items: 9007199254740993n } });
  expect((await database.query({ text: 'select items from shelves' })).rows).toEqual([
    { items: 9007199254740993n },
  ]);
  await database.query({ text: 'update shelves set items = 5' });
  expect(await prisma.shelf.findUnique({ where: { id } })).toMatchObject({ id, label: 'a', items: 5n });
  await prisma.$transaction([prisma.shelf.update({ where: { id }, data: { label: 'b' } })]);
  expect(database.stats()).toMatchObject({ total: 1, idle: 1 });

  await prisma.$disconnect();
  expect((await database.query({ text: 'select label from shelves' })).rows).toEqual([{ label: 'b' }]);
  await database.close();
});

it('tells of every statement once, of Prisma’s by operation and table and never with a value', async () => {
  const told: string[] = [];
  const database = createDatabase({
    url: test.url,
    applicationName: 'prisma-test',
    observer: { finished: (name, _ms, error) => told.push(error === undefined ? name : `${name} failed`) },
  });
  const { prisma } = withPrisma(database, (adapter) => new PrismaClient({ adapter }));
  await prisma.shelf.findMany({ where: { label: 'a-secret' } });
  expect(told.splice(0)).toEqual(['SELECT shelves']);
  await database.query({ name: 'count-shelves', text: 'select count(*) from shelves' });
  await database.query({ text: 'select 1' });
  await database.query({ text: 'select nothing from shelves' }).catch(() => undefined);
  expect(told.splice(0)).toEqual(['count-shelves', 'SELECT', 'SELECT shelves failed']);
  await database.transaction((tx) => tx.query({ text: 'update shelves set items = 5' }));
  expect(told).toEqual(['BEGIN', 'UPDATE shelves', 'COMMIT']);
  await prisma.$disconnect();
  await database.close();
});

describe('a read through Prisma', () => {
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const database = createDatabase({
      url: test.url,
      applicationName: 'prisma-test',
      poolSize: 1,
      acquireTimeoutMs: 1_000,
      ...options,
    });
    const { prisma } = withPrisma(database, (adapter) => new PrismaClient({ adapter }));
    return { database, failure: () => prisma.shelf.findMany().catch((error: unknown) => error) };
  };
  const socketError = (code: string) => Object.assign(new Error(code), { code, syscall: 'read', errno: -1 });

  it('is unavailable when nothing listens, and when no connection becomes free in time', async () => {
    const refused = open({ url: `postgres://a:b@127.0.0.1:${await freePort()}/c` });
    expect(isUnavailable(await refused.failure())).toBe(true);
    const full = open();
    await full.database.transaction(async () => expect(isUnavailable(await full.failure())).toBe(true));
    await Promise.all([refused.database.close(), full.database.close()]);
    expect(isUnavailable(await full.failure())).toBe(true);
  });

  it.each([
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    ...['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH'].map(socketError),
    Object.assign(new Error('a reset on purpose'), { code: 'ECONNRESET' }),
  ])('is unavailable when its connection fails with $message', async (error) => {
    const { database, failure } = open({ faults: () => Promise.reject(error) });
    expect(isUnavailable(await failure())).toBe(true);
    await database.close();
  });

  it('that fails on purpose still tells the fault with its status', async () => {
    const fault = new InjectedFault('a', { effect: 'error', status: 503, code: 'EFAULT' });
    const { database, failure } = open({ faults: () => Promise.reject(fault) });
    expect(injectedFaultOf(await failure())).toBe(fault);
    await database.close();
  });

  it('is unavailable when the server shuts down under it, contended when it waits too long, else neither', async () => {
    const { database, failure } = open({ statementTimeoutMs: 300 });
    const other = createDatabase({ url: test.url, applicationName: 'other', poolSize: 2 });
    await other.transaction(async (tx) => {
      await tx.query({ text: 'lock table shelves' });
      const late = await failure();
      expect([sqlState(late), isContended(late), isUnavailable(late)]).toEqual(['57014', true, false]);
      const ended = failure();
      await eventually(async () => {
        const { rowCount } = await other.query({
          text: `select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = 'prisma-test' and wait_event_type = 'Lock'`,
        });
        return rowCount === 1;
      });
      expect(await ended).toBeInstanceOf(DatabaseUnavailable);
    });
    const rename = (from: string, to: string) =>
      withClient(test.ownerUrl, (client) => client.query(`alter table ${from} rename to ${to}`));
    await rename('shelves', 'drawers');
    const wrong = await failure();
    await rename('drawers', 'shelves');
    expect([sqlState(wrong), isContended(wrong), isUnavailable(wrong)]).toEqual(['42P01', false, false]);
    await Promise.all([database.close(), other.close()]);
  });
});

describe('a transaction of SQL and Prisma', () => {
  const second = '01890000-0000-7000-8000-000000000002';
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const statements: string[] = [];
    const waits: unknown[] = [];
    const pooled = createDatabase({
      url: test.url,
      applicationName: 'prisma-test',
      observer: {
        finished: (name) => statements.push(name),
        acquired: (waitMs, error) => waits.push(error ?? waitMs >= 0),
      },
      ...options,
    });
    const database = withPrisma(pooled, (adapter) => new PrismaClient({ adapter }));
    return { database, statements, waits, close: () => pooled.close() };
  };
  const nobody = { where: { id: '01890000-0000-7000-8000-00000000ffff' } };

  beforeEach(() => withClient(test.ownerUrl, (client) => client.query('truncate shelves')));

  it('is on one connection, in the order in which its statements are sent', async () => {
    const { database, statements, waits, close } = open({ poolSize: 1 });
    const seen = await database.transaction(async (tx) => {
      await tx.query({
        name: 'shelf-insert',
        text: 'insert into shelves (id, label) values ($1, $2)',
        values: [id, 'a'],
      });
      const inserted = tx.prisma.shelf.findMany();
      const updated = tx.prisma.shelf.updateMany({ where: { id }, data: { items: 3 } });
      await Promise.all([inserted, updated]);
      return (await tx.query({ text: 'select items from shelves' })).rows;
    });
    expect(seen).toEqual([{ items: 3 }]);
    expect(statements).toEqual([
      'BEGIN',
      'shelf-insert',
      'SELECT shelves',
      'UPDATE shelves',
      'SELECT shelves',
      'COMMIT',
    ]);
    expect(waits).toEqual([true]);
    await close();
  });

  it('is rolled back as a whole, with the error that PostgreSQL reported', async () => {
    const { database, close } = open();
    await database.prisma.shelf.create({ data: { id: second, label: 'taken' } });
    const committed: string[] = [];
    const error = await database
      .transaction(async (tx) => {
        tx.afterCommit(() => committed.push('committed'));
        await tx.prisma.shelf.create({ data: { id, label: 'mine' } });
        await tx.prisma.shelf.create({ data: { id, label: 'taken' } });
      })
      .catch((failure: unknown) => failure);
    expect(isUniqueViolation(error, 'shelves_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'shelves_label')).toBe(false);
    expect(await database.prisma.shelf.findMany({ select: { label: true } })).toEqual([{ label: 'taken' }]);
    const alone = await database.prisma.shelf
      .create({ data: { id, label: 'taken' } })
      .catch((failure: unknown) => failure);
    expect([isUniqueViolation(alone, 'shelves_label'), isUniqueViolation(alone, 'shelves_pkey')]).toEqual([
      true,
      false,
    ]);
    expect(committed).toEqual([]);
    await close();
  });

  it('sees its own rows only, however many look for one by its key at once', async () => {
    const { database, close } = open();
    const inserted = (label: string, key: string) =>
      database.transaction(async (tx) => {
        await tx.prisma.shelf.create({ data: { id: key, label } });
        const [mine, theirs] = await Promise.all(
          [key, key === id ? second : id].map((each) => tx.prisma.shelf.findUnique({ where: { id: each } })),
        );
        throw new Error(`${mine?.label} ${theirs?.label}`);
      });
    const outside = database.prisma.shelf.findUnique({ where: { id } });
    const results = await Promise.allSettled([inserted('a', id), inserted('b', second), outside]);
    expect(results).toMatchObject([
      { reason: { message: 'a undefined' } },
      { reason: { message: 'b undefined' } },
      { value: null },
    ]);
    await close();
  });

  it('joins one that another began, and does not end it', async () => {
    const { database, statements, close } = open();
    await database.transaction(async (tx) => {
      await database.join(tx, ({ prisma }) => prisma.shelf.create({ data: { id, label: 'joined' } }));
      await tx.query({ name: 'update-after', text: `update shelves set items = 7 where label = 'joined'` });
    });
    expect(statements.filter((name) => name !== 'INSERT shelves')).toEqual([
      'BEGIN',
      'update-after',
      'COMMIT',
    ]);
    expect(await database.prisma.shelf.findUnique({ where: { id } })).toMatchObject({ items: 7n });
    await close();
  });

  it('dates rows by the database’s clock, which stands still in a transaction', async () => {
    const { database, close } = open();
    const [first, next] = await database.transaction(async (tx) => {
      const made = await tx.prisma.shelf.create({ data: { id, label: 'first' } });
      await tx.query({ text: 'select pg_sleep(0.02)' });
      return [made, await tx.prisma.shelf.create({ data: { id: second, label: 'next' } })] as const;
    });
    expect(next.builtAt).toEqual(first.builtAt);
    await close();
  });

  it('writes and compares the time of the database where it is given databaseNow, and nowhere else', async () => {
    const { database, close } = open();
    const label = databaseNow.toISOString();
    await database.prisma.shelf.create({ data: { id: second, label } });
    const { rows } = await database.transaction(async (tx) => {
      await tx.query({ text: 'select pg_sleep(0.02)' });
      await tx.prisma.shelf.updateMany({
        where: { builtAt: { lt: databaseNow } },
        data: { builtAt: databaseNow },
      });
      return tx.query({ text: 'select label, built_at = now()::timestamptz(3) as now from shelves' });
    });
    expect(rows).toEqual([{ label, now: true }]);
    const count = (builtAt: { gt: Date } | { lte: Date }) =>
      database.prisma.shelf.count({ where: { builtAt } });
    expect(await Promise.all([count({ lte: databaseNow }), count({ gt: databaseNow })])).toEqual([1, 0]);
    await close();
  });

  it('ends at its signal, and its statement with it', async () => {
    const { database, close } = open({ applicationName: 'prisma-late' });
    const other = createDatabase({ url: test.url, applicationName: 'other' });
    const late = new AbortController();
    await other.transaction(async (tx) => {
      await tx.query({ text: 'lock table shelves' });
      const waiting = database.transaction(({ prisma }) => prisma.shelf.findMany(), { signal: late.signal });
      const running = async () => {
        const { rowCount } = await other.query({
          text: `select from pg_stat_activity where application_name = 'prisma-late' and wait_event_type = 'Lock'`,
        });
        return rowCount;
      };
      await eventually(async () => (await running()) === 1);
      late.abort(new Error('too late'));
      await expect(waiting).rejects.toThrow('too late');
      await eventually(async () => (await running()) === 0);
    });
    await Promise.all([close(), other.close()]);
  });

  it('is repeated after a conflict that the client met', async () => {
    const { database, close } = open();
    await database.prisma.shelf.create({ data: { id, label: 'counted' } });
    const isolation = 'repeatable read';
    let attempts = 0;
    await database.transaction(
      async ({ prisma }) => {
        attempts += 1;
        await prisma.shelf.findMany();
        if (attempts === 1) await database.prisma.shelf.updateMany({ data: { items: { increment: 1 } } });
        await prisma.shelf.updateMany({ data: { items: { increment: 1 } } });
      },
      { isolation },
    );
    expect([attempts, await database.prisma.shelf.findMany({ select: { items: true } })]).toEqual([
      2,
      [{ items: 2n }],
    ]);
    await close();
  });

  it('cannot be used once it has ended', async () => {
    const { database, close } = open();
    const kept = await database.transaction(
      async ({ prisma }) =>
        () =>
          prisma.shelf.count(),
    );
    await expect(kept()).rejects.toThrow('already closed');
    await close();
  });

  it('waits no longer for a connection than SQL does, and says that the database is unavailable', async () => {
    const { database, waits, close } = open({ poolSize: 1, acquireTimeoutMs: 1_000 });
    await database.transaction(async () => {
      expect(
        isUnavailable(await database.prisma.shelf.findUnique(nobody).catch((error: unknown) => error)),
      ).toBe(true);
    });
    expect(waits).toEqual([true, expect.any(Error)]);
    await close();
  });
});
