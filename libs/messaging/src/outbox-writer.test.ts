import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { uuidv7 } from 'uuidv7';
import { catalog, placed, subscriptions } from './conformance/shop';
import { createTestDatabases, type TestDatabases } from './conformance/world';
import { createInProcessTransport } from './inprocess/inprocess-transport';
import type { Outbox } from './outbox';
import { createOutbox } from './outbox-writer';
import { createRelay } from './relay';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases();
}, 60_000);
afterAll(() => databases?.drop());

const outboxThatWakes = (wake: () => void): Outbox =>
  createOutbox({ catalog, source: 'order', clock: systemClock, ids: { next: uuidv7 }, wake });
const event = { definition: placed, subject: 'order-1', aggregateVersion: 1, data: { number: 1 } };

test('the relay is woken once events are committed, and not for those that never are', async () => {
  let wakes = 0;
  const outbox = outboxThatWakes(() => (wakes += 1));
  const { sender } = databases;
  await sender.transaction(async (tx) => {
    await outbox.append(tx, [event]);
    expect(wakes).toBe(0);
  });
  expect(wakes).toBe(1);
  const undone = sender.transaction(async (tx) => {
    await outbox.append(tx, [event]);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  await sender.transaction((tx) => outbox.append(tx, []));
  expect(wakes).toBe(1);
});

test('a relay that is woken sends at once, not at its next sweep', async () => {
  const { sender, reader } = databases;
  const transport = createInProcessTransport({
    databases: { notification: reader, search: reader },
    subscriptions,
    clock: systemClock,
  });
  const relay = createRelay({ database: sender, transport, clock: systemClock, sweepMs: 3_600_000 });
  try {
    relay.start();
    expect(await relay.flush(10_000)).toBe(true);
    await sender.transaction((tx) => outboxThatWakes(relay.wake).append(tx, [event]));
    await eventually(async () => expect(await relay.stats()).toMatchObject({ unsent: 0 }));
  } finally {
    await relay.stop();
    await transport.close();
  }
}, 30_000);
