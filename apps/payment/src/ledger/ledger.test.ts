import { events } from '@bulkhead/contracts/events';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { randomIds as ids } from '@bulkhead/service/ids';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { migrationsDir, newId } from '../testing/payment-world';
import { applyMoves } from '../payments/apply-move';
import type { Move } from '../payments/decide';
import { getById } from '../payments/payment';

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

  const dependencies = {
    outbox: createOutbox({ catalog: events, source: 'payment', clock, ids, wake: () => undefined }),
    ids,
    logger: { warn: () => undefined } as never,
    money: { moved: () => undefined } as never,
  };
  const make = async (move: Move) => {
    const [moved] = await applyMoves(
      database,
      [{ payment: await getById(database, paymentId), move }],
      dependencies,
    );
    return moved;
  };

  test('takes a balanced transaction with each move of money, and sums to 0', async () => {
    await make({ to: 'captured', captured: 500 });
    await make({ to: 'partially_refunded', refunded: 200 });
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

  test('takes the money of a payment once, and nothing of a move that would take it again', async () => {
    await make({ to: 'captured', captured: 200 });
    await expect(make({ to: 'captured', captured: 200 })).rejects.toMatchObject({ code: '23505' });
    expect(await getById(database, paymentId)).toMatchObject({ captured: 200, version: 2 });
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
