import path from 'node:path';
import { InjectedFault, injectedFaultOf } from '@bulkhead/resilience/faults';
import { eventually } from '@bulkhead/testing/eventually';
import { type TestDatabase, createTestDatabase } from '@bulkhead/testing/postgres';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/prisma/client';
import { isContended, isUnavailable, sqlState } from './errors';
import { freePort } from './free-ports';
import { createDatabase, type DatabaseOptions } from './pool';
import { withClient } from './admin-client';

const migrationsDir = path.join(__dirname, '../prisma/migrations');
const id = '01890000-0000-7000-8000-000000000001';
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ migrationsDir, service: 'database' });
}, 60_000);

afterAll(() => test.drop());

it('shares its connections with a Prisma client, and outlives it', async () => {
  const database = createDatabase({ url: test.url, applicationName: 'prisma-test', poolSize: 1 });
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) });
  await prisma.shelf.create({ data: { id, label: 'a', items: 9007199254740993n } });
  expect((await database.query({ text: 'select items from shelves' })).rows).toEqual([
    { items: 9007199254740993n },
  ]);
  await database.query({ text: 'update shelves set items = 5' });
  expect(await prisma.shelf.findUnique({ where: { id } })).toEqual({ id, label: 'a', items: 5n });
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
  const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) });
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
      acquireTimeoutMs: 200,
      ...options,
    });
    const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) });
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
      expect([sqlState(await ended), isUnavailable(await ended)]).toEqual(['57P01', true]);
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
