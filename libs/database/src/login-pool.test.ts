import { createTestDatabase, type TestDatabase } from './testing/postgres';
import { eventually } from '@bulkhead/testing/eventually';
import { withClient } from './admin-client';
import { createDatabase, type DatabaseOptions, type PooledDatabase } from './pool';
import { atDatabase } from './provision';

/**
 * A password of PostgreSQL is changed while a service asks for more connections than it has. The order in which the role
 * and the file are changed differs from place to place.
 */
describe('a pool outlasts a change of the password', () => {
  const role = `rotated_${process.pid}`;
  let own: TestDatabase;
  const opened: PooledDatabase[] = [];
  beforeAll(async () => {
    own = await createTestDatabase();
    await administer(
      `drop role if exists ${role}`,
      `create role ${role} login`,
      `grant connect on database ${own.name} to ${role}`,
    );
  });
  beforeEach(() => alter('old'));
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });
  afterAll(async () => {
    await administer(`drop owned by ${role}`, `drop role ${role}`);
    await own.drop();
  });

  const administer = (...statements: string[]) =>
    withClient(own.adminUrl, async (admin) => {
      for (const statement of statements) await admin.query(statement);
    });
  const alter = (password: string) => administer(`alter role ${role} login password '${password}'`);
  const as = (password: string) => atDatabase(own.adminUrl, own.name, role, password);
  const open = (url: DatabaseOptions['url'], options: Partial<DatabaseOptions> = {}) => {
    const warnings: string[] = [];
    const logger = { warn: (_context: object, message: string) => void warnings.push(message) };
    const database = createDatabase({ url, poolSize: 8, applicationName: role, logger, ...options });
    opened.push(database);
    return { database, warnings };
  };
  const count = async (database: PooledDatabase, requests: number) => {
    const sent = Array.from({ length: requests }, () => database.query({ text: 'select pg_sleep(0.01)' }));
    return (await Promise.allSettled(sent)).filter(({ status }) => status === 'rejected').length;
  };
  /** Simulates a failover or a restart on the server's side: all connections are closed. */
  const closeAll = async (database: PooledDatabase) => {
    await administer(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '${role}'`,
    );
    await eventually(() => database.stats().total === 0);
  };

  test('both are given first, then the role is changed, then the old one goes', async () => {
    let passwords = ['old'];
    const { database } = open(() => passwords.map(as));
    expect(await count(database, 20)).toBe(0);
    passwords = ['new', 'old'];
    await closeAll(database);
    expect(await count(database, 20)).toBe(0);
    await alter('new');
    await closeAll(database);
    expect(await count(database, 20)).toBe(0);
    passwords = ['new'];
    await closeAll(database);
    expect(await count(database, 20)).toBe(0);
  });

  test('a second role takes over', async () => {
    let urls = [as('old')];
    const { database } = open(() => urls);
    const other = `${role}_b`;
    await administer(`create role ${other} login password 'other' in role ${role}`);
    try {
      expect(await count(database, 20)).toBe(0);
      urls = [atDatabase(own.adminUrl, own.name, other, 'other')];
      await administer(`alter role ${role} nologin`);
      await closeAll(database);
      expect(await count(database, 20)).toBe(0);
    } finally {
      await administer(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '${other}'`,
      );
      await administer(`drop role ${other}`);
    }
  });

  test('the role is changed first: requests share the connections there are until the file follows', async () => {
    let passwords = ['old'];
    const { database, warnings } = open(() => passwords.map(as));
    await database.query({ text: 'select 1' });
    await alter('new');
    expect(await count(database, 50)).toBe(0);
    expect(warnings).toEqual(['PostgreSQL rejected a login']);
    expect(database.stats().total).toBe(1);
    passwords = ['new'];
    expect(await count(database, 50)).toBe(0);
    expect(database.stats().total).toBeGreaterThan(1);
  });

  test('the role is changed first and no connection is left: requests wait for the file', async () => {
    let passwords = ['old'];
    const { database } = open(() => passwords.map(as));
    await database.query({ text: 'select 1' });
    await alter('new');
    await closeAll(database);
    const waiting = count(database, 20);
    await eventually(async () => {
      expect(database.stats().total).toBe(0);
    });
    passwords = ['new'];
    expect(await waiting).toBe(0);
  });

  test('they wait no longer than for any connection, and those who come later not at all', async () => {
    let passwords = ['wrong'];
    const { database } = open(() => passwords.map(as), { acquireTimeoutMs: 600 });
    expect(await count(database, 20)).toBe(20);
    let looks = 0;
    const counted = open(() => ((looks += 1), passwords.map(as)), { acquireTimeoutMs: 600 }).database;
    expect(await count(counted, 1)).toBe(1);
    const before = looks;
    expect(await count(counted, 1)).toBe(1);
    expect(looks - before).toBeLessThan(10);
    passwords = ['old'];
    expect(await count(database, 20)).toBe(0);
  });

  test('Prisma’s adapter and others that ask pg’s pool itself are served alike', async () => {
    let passwords = ['old'];
    const { database } = open(() => passwords.map(as));
    passwords = ['new', 'old'];
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await alter('new');
    await closeAll(database);
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});
