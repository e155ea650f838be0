import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createTestDatabase, type TestDatabase } from '@bulkhead/testing/postgres';
import { migrationsDir, newId } from '../testing/payment-world';
import { post } from './post';

describe('the ledger', () => {
  let testDatabase: TestDatabase;
  let database: PooledDatabase;
  let paymentId: string;
  beforeAll(async () => {
    testDatabase = await createTestDatabase({ service: 'payment', migrationsDir });
    database = createDatabase({ url: testDatabase.url, applicationName: 'test' });
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    await testDatabase?.drop();
  });
  beforeEach(async () => {
    paymentId = newId();
    await database.query({
      text: `insert into payments (id, order_id, provider, status, currency, amount) values ($1, $2, 'simulated', 'captured', 'EUR', 500)`,
      values: [paymentId, newId()],
    });
  });

  const transaction = (entries: readonly [account: string, currency: string, amount: number][]) =>
    database.transaction(async (tx) => {
      const id = newId();
      await tx.query({
        text: `insert into ledger_transactions (id, payment_id, kind) values ($1, $2, 'refund')`,
        values: [id, paymentId],
      });
      for (const entry of entries)
        await tx.query({
          text: 'insert into ledger_entries values ($1, $2, $3, $4)',
          values: [id, ...entry],
        });
    });
  const sum = async () => {
    const { rows } = await database.query<{ sum: number; count: number }>({
      text: 'select coalesce(sum(amount), 0)::int as sum, count(*)::int as count from ledger_entries',
    });
    return rows[0]!;
  };

  test.each([
    [
      'do not sum to 0',
      [
        ['provider_receivable', 'EUR', 100],
        ['sales', 'EUR', -99],
      ],
    ],
    [
      'are of two currencies',
      [
        ['provider_receivable', 'EUR', 100],
        ['sales', 'USD', -100],
      ],
    ],
    ['are one alone', [['provider_receivable', 'EUR', 100]]],
    ['are none', []],
  ] as const)('refuses a transaction whose entries %s, and keeps nothing of it', async (_, entries) => {
    const before = await sum();
    await expect(transaction(entries.map((entry) => [...entry]))).rejects.toMatchObject({
      code: '23514',
      constraint: 'ledger_balance',
    });
    expect(await sum()).toEqual(before);
  });

  test('takes a balanced transaction, and sums to 0', async () => {
    await database.transaction((tx) =>
      post(tx, { id: newId(), paymentId, kind: 'capture', amount: 500, currency: 'EUR' }),
    );
    await database.transaction((tx) =>
      post(tx, { id: newId(), paymentId, kind: 'refund', amount: 200, currency: 'EUR' }),
    );
    const { rows } = await database.query({
      text: `select account, sum(amount)::int as balance from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
        where payment_id = $1 group by account order by account`,
      values: [paymentId],
    });
    expect(rows).toEqual([
      { account: 'provider_receivable', balance: 300 },
      { account: 'sales', balance: -300 },
    ]);
    expect((await sum()).sum).toBe(0);
  });

  test('takes the money of a payment once', async () => {
    const posting = { paymentId, kind: 'capture', amount: 500, currency: 'EUR' } as const;
    await database.transaction((tx) => post(tx, { ...posting, id: newId() }));
    await expect(database.transaction((tx) => post(tx, { ...posting, id: newId() }))).rejects.toMatchObject({
      code: '23505',
    });
  });

  test('is only added to', async () => {
    for (const text of [
      'update ledger_entries set amount = 0',
      'delete from ledger_entries',
      'delete from ledger_transactions',
    ])
      await expect(database.query({ text })).rejects.toMatchObject({ constraint: 'ledger_append_only' });
  });
});
