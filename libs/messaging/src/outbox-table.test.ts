import type { Transaction } from '@bulkhead/database/database';
import { createTestDatabases, type TestDatabases } from './conformance/world';
import { createOutboxTable } from './outbox-table';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases();
  // Statistics change when a test says so.
  await databases.sender.query({ text: 'alter table outbox set (autovacuum_enabled = off)' });
}, 60_000);
beforeEach(() => databases.clear());
afterAll(() => databases?.drop());

const waiting = 20_000;
const batch = 100;

const insert = (count: number, sent: boolean) =>
  databases.sender.query({
    text: `insert into outbox (id, type, subject, payload, sent_at)
      select gen_random_uuid(), 'order.placed.v1', 's', jsonb_build_object('filler', repeat('x', 700)),
        case when $2 then now() end
      from generate_series(1, $1)`,
    values: [count, sent],
  });

/** How many rows of the outbox a piece of work reads, by the server's own count. */
async function rowsReadBy(tx: Transaction, work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    const { rows } = await tx.query<{ read: number }>({
      text: `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read
        from pg_stat_xact_user_tables where relname = 'outbox'`,
    });
    return rows[0]?.read ?? 0;
  };
  const before = await read();
  await work();
  return (await read()) - before;
}

describe.each([
  ['there are no statistics', () => insert(waiting, false)],
  [
    'statistics know of sent rows only',
    async () => {
      await insert(waiting, true);
      await databases.sender.query({ text: 'analyze outbox' });
      await insert(waiting, false);
    },
  ],
  [
    'statistics are fresh',
    async () => {
      await insert(waiting, true);
      await insert(waiting, false);
      await databases.sender.query({ text: 'analyze outbox' });
    },
  ],
])('where %s', (_, fill) => {
  test(`a claim reads the oldest rows alone, however many wait`, async () => {
    await fill();
    await databases.sender.transaction(async (tx) => {
      const table = createOutboxTable(tx);
      // So many that the server makes a plan that it keeps.
      for (let turn = 0; turn < 8; turn++) {
        const held = turn * batch;
        // Each to find it, to lock it and to update it, and those that are skipped.
        const most = held + 4 * batch;
        let claimed: readonly { readonly position: string }[] = [];
        const read = await rowsReadBy(tx, async () => {
          claimed = await table.claim(batch, 30_000);
        });
        expect(read).toBeLessThanOrEqual(most);
        const { rows } = await tx.query<{ position: string }>({
          text: `select outbox.position::text from outbox where sent_at is null
            order by outbox.position offset $1 limit $2`,
          values: [held, batch],
        });
        expect(claimed.map(({ position }) => position).sort()).toEqual(
          rows.map(({ position }) => position).sort(),
        );
      }
    });
  }, 60_000);
});

test('the state of the outbox is told without reading what was sent', async () => {
  await insert(waiting, true);
  await insert(3, false);
  await databases.sender.query({
    text: `update outbox set parked_at = now() where position = (select max(position) from outbox)`,
  });
  await databases.sender.transaction(async (tx) => {
    const table = createOutboxTable(tx);
    const read = await rowsReadBy(tx, async () => {
      expect(await table.stats()).toEqual({
        unsent: 2,
        oldestAgeMs: expect.any(Number) as number,
        parked: 1,
      });
    });
    expect(read).toBeLessThanOrEqual(20);
  });
}, 60_000);

test('neither a claim nor a mark waits for the disk', async () => {
  await insert(1, false);
  for (const work of [
    (tx: Transaction) => createOutboxTable(tx).claim(1, 30_000),
    (tx: Transaction) => createOutboxTable(tx).markSent(['1']),
  ]) {
    await databases.sender.transaction(async (tx) => {
      await tx.query({ text: 'set local synchronous_commit = on' });
      await work(tx);
      const { rows } = await tx.query({ text: 'show synchronous_commit' });
      expect(rows).toEqual([{ synchronous_commit: 'off' }]);
    });
  }
});
