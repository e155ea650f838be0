import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { pruneAll } from './prune';

let testDatabase: TestDatabase;
let database: PooledDatabase;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.ownerUrl, applicationName: 'prune' });
  await database.query({ text: 'create table old_row (id int primary key)' });
}, 60_000);
beforeEach(async () => {
  await database.query({ text: 'truncate old_row' });
  await database.query({ text: 'insert into old_row select generate_series(1, 25)' });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
}, 60_000);

const statement = {
  name: 'prune-old-rows',
  text: 'delete from old_row where ctid = any (array(select ctid from old_row limit $1))',
};
const left = async () =>
  (await database.query<{ count: number }>({ text: 'select count(*)::int as count from old_row' })).rows[0]!
    .count;

test('deletes batch after batch until none is left, also what comes meanwhile', async () => {
  let batches = 0;
  const growing = {
    query: async (batch: Parameters<PooledDatabase['query']>[0]) => {
      batches += 1;
      if (batches === 2)
        await database.query({ text: 'insert into old_row select generate_series(101, 110)' });
      return database.query(batch) as never;
    },
  };
  expect(await pruneAll(growing, statement, { batch: 10 })).toBe(35);
  expect(batches).toBe(4);
  expect(await left()).toBe(0);
});

test('ends between two batches when it is stopped', async () => {
  const stopping = new AbortController();
  const stopped = {
    query: async (batch: Parameters<PooledDatabase['query']>[0]) => {
      stopping.abort();
      return database.query(batch) as never;
    },
  };
  expect(await pruneAll(stopped, statement, { batch: 10, signal: stopping.signal })).toBe(10);
  expect(await left()).toBe(15);
});
