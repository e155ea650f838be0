import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { pruneJob } from './jobs';
import { migrationsDir, newId } from './testing/payment-world';

let testDatabase: TestDatabase;
let database: PooledDatabase;
beforeAll(async () => {
  testDatabase = await createTestDatabase({ service: 'payment', migrationsDir });
  database = createDatabase({ url: testDatabase.url, applicationName: 'test' });
}, 60_000);
afterAll(async () => {
  await database?.close();
  await testDatabase?.drop();
});

const prune = () => pruneJob(database).run(new AbortController().signal);
const counted = async (table: string) =>
  (await database.query<{ count: number }>({ text: `select count(*)::int as count from ${table}` })).rows[0]!
    .count;

test('webhooks that cannot come again are forgotten as fast as they grow: all that are old go in one run', async () => {
  await database.query({
    text: `insert into webhook_events (provider, event_id, received_at)
      select 'simulated', 'evt_' || n, now() - case when n <= 2500 then interval '31 days' else interval '29 days' end
      from generate_series(1, 2510) n`,
  });
  await prune();
  expect(await counted('webhook_events')).toBe(10);
});

test('calls to the provider are forgotten after 400 days, but not those of a payment that is still on its way', async () => {
  const payments = { rests: newId(), waits: newId() };
  for (const [id, due] of [
    [payments.rests, null],
    [payments.waits, new Date()],
  ] as const)
    await database.query({
      text: `insert into payments (id, order_id, provider, status, currency, amount, due_at)
        values ($1, $2, 'simulated', 'captured', 'EUR', 500, $3)`,
      values: [id, newId(), due],
    });
  for (const paymentId of Object.values(payments))
    for (const age of ['401 days', '399 days'])
      await database.query({
        text: `insert into provider_attempts (id, payment_id, operation, idempotency_key, started_at)
          values ($1, $2, 'capture', 'key', now() - $3::interval)`,
        values: [newId(), paymentId, age],
      });
  await prune();
  const { rows } = await database.query<{ id: string; count: number }>({
    text: 'select payment_id as id, count(*)::int as count from provider_attempts group by payment_id',
  });
  expect(rows).toEqual(
    expect.arrayContaining([
      { id: payments.rests, count: 1 },
      { id: payments.waits, count: 2 },
    ]),
  );
});
