import { randomUUID } from 'node:crypto';
import { createTestDatabases, type TestDatabases } from '../conformance/world';
import { createDeliveryTable, type DeliveryTable } from './delivery-table';

const group = 'notification.mails';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases();
}, 60_000);
beforeEach(() => databases.clear());
afterAll(() => databases?.drop());

const store = (table: DeliveryTable) =>
  table.store([{ group, messageId: randomUUID(), type: 'order.placed.v1', body: '{}' }]);

/** Whether a commit would wait for the disk after the work, by PostgreSQL's name for it. */
const commitAfter = (work: (table: DeliveryTable) => Promise<unknown>): Promise<string | undefined> =>
  databases.reader.transaction(async (tx) => {
    await tx.query({ text: 'set local synchronous_commit = on' });
    await work(createDeliveryTable(tx));
    const { rows } = await tx.query<{ synchronous_commit: string }>({ text: 'show synchronous_commit' });
    return rows[0]?.synchronous_commit;
  });

test('neither taking nor removing a delivery waits for the disk', async () => {
  await store(createDeliveryTable(databases.reader));
  let taken: readonly { readonly position: string }[] = [];
  expect(await commitAfter(async (table) => (taken = await table.claim(group, 1, 30_000)))).toBe('off');
  expect(taken).toHaveLength(1);
  expect(await commitAfter((table) => table.remove(taken.map(({ position }) => position)))).toBe('off');
  expect((await databases.reader.query({ text: 'select from delivery' })).rows).toEqual([]);
});

test('storing, putting off and burying a delivery do', async () => {
  await store(createDeliveryTable(databases.reader));
  const [taken] = await createDeliveryTable(databases.reader).claim(group, 1, 30_000);
  expect(await commitAfter(store)).toBe('on');
  expect(await commitAfter((table) => table.retry(taken!.position, 1_000, 2))).toBe('on');
  expect(await commitAfter((table) => table.bury(taken!.position, 'tried often enough'))).toBe('on');
});
