import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from './testing/postgres';
import { withClient } from './admin-client';
import { createDatabase, type PooledDatabase } from './pool';
import { unnestParameters } from './unnest-parameters';

let test: TestDatabase;
let database: PooledDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await withClient(test.ownerUrl, async (client) => {
    await client.query('create table account (id uuid primary key, balance int8 not null)');
    await client.query('insert into account select gen_random_uuid(), 0 from generate_series(1, 2000)');
    await client.query('analyze account');
  });
  database = createDatabase({ url: test.url, applicationName: 'unnest-test', poolSize: 1 });
}, 60_000);

afterAll(async () => {
  await database.close();
  await test.drop();
});

/** More than the five executions that PostgreSQL always plans by themselves. */
const executions = 12;

/** Executes a statement for one row at a time. @returns how often it was planned for the parameters at hand */
async function planned(name: string, source: string): Promise<number> {
  const text = `with asked as (select * from ${source} as asked(account, amount))
    update account set balance = balance + amount from asked where id = account returning id`;
  for (let done = 0; done < executions; done++)
    await database.query({ name, text, values: [[randomUUID()], [1]] });
  const { rows } = await database.query<{ times: number }>({
    text: 'select custom_plans as times from pg_prepared_statements where name = $1',
    values: [name],
  });
  return rows[0]!.times;
}

it('a statement about few rows is not planned anew each time', async () => {
  expect(await planned('hidden', unnestParameters(['uuid', 'int8']))).toBe(5);
});

it('which it would be, were the length of the arrays seen', async () => {
  expect(await planned('seen', 'unnest($1::uuid[], $2::int8[])')).toBe(executions);
});

it('numbers the parameters from where it is told to', () => {
  expect(unnestParameters(['text', 'int'], 3)).toBe('unnest((select $3::text[]), (select $4::int[]))');
});
