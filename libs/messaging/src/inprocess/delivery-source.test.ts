import { randomUUID } from 'node:crypto';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestDatabases, type TestDatabases } from '../conformance/world';
import type { HeldMessage } from '../transport';
import { createDeliverySource, type DeliverySource } from './delivery-source';
import { createDeliveryTable, type DeliveryTable } from './delivery-table';

const group = 'notification.mails';

let databases: TestDatabases;
let table: DeliveryTable;
beforeAll(async () => {
  databases = await createTestDatabases();
  table = createDeliveryTable(databases.reader);
}, 60_000);
beforeEach(() => databases.clear());
afterAll(() => databases?.drop());

const open = (changed: Partial<DeliveryTable>, onMessage: (held: HeldMessage) => void): DeliverySource => {
  const source = createDeliverySource({
    group,
    table: { ...table, ...changed },
    retryDelaysMs: [0],
    leaseMs: 30_000,
    prefetch: 4,
    onMessage,
    clock: systemClock,
    observer: {},
  });
  source.resume();
  return source;
};
const store = (count = 1) =>
  table.store(
    Array.from({ length: count }, () => ({
      group,
      messageId: randomUUID(),
      type: 'order.placed.v1',
      body: '{}',
    })),
  );

test('a delivery that is claimed again before it was seen to be put back is in hand, and ends', async () => {
  await store();
  const held: HeldMessage[] = [];
  const source = open(
    {
      async retry(...put) {
        await table.retry(...put);
        source.wake();
        await eventually(() => held.length === 2, { what: 'the second claim' });
      },
    },
    (message) => held.push(message),
  );
  await eventually(() => held.length === 1);
  await held[0]!.retry(0, 2);
  expect(held.map((message) => message.isLost())).toEqual([true, false]);
  await held[1]!.ack();
  expect((await databases.reader.query({ text: 'select from delivery' })).rows).toEqual([]);
  await source.close();
}, 60_000);

test('a delivery that could not be buried holds no place', async () => {
  await store();
  await databases.reader.query({ text: 'update delivery set deliveries = 20' });
  let burials = 0;
  const seen: HeldMessage[] = [];
  const source = open(
    {
      bury: () => {
        burials += 1;
        return Promise.reject(new Error('the dead letters are full'));
      },
    },
    (message) => seen.push(message),
  );
  await eventually(() => burials === 1);
  await store(4);
  source.wake();
  await eventually(() => seen.length === 4, { what: 'four in four places' });
  await source.close();
}, 60_000);
