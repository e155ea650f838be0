import type { Database } from '@bulkhead/database/database';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { rabbitMqWorlds } from './conformance/rabbitmq-worlds';

const worlds = rabbitMqWorlds();

test('a relay whose database is slow knows when all is sent, and holds up no service that stops', async () => {
  const { world, databases } = await worlds.open('flush.');
  const slow = Object.create(databases.sender) as Database;
  slow.query = async (statement) => {
    if (statement.name === 'outbox-claim') await systemClock.sleep(40);
    return databases.sender.query(statement);
  };
  const relay = world.startRelay({ database: slow });
  await world.place(1, 2, 3);
  const startedAt = systemClock.monotonic();
  expect(await relay.flush(5_000)).toBe(true);
  expect(systemClock.monotonic() - startedAt).toBeLessThan(4_000);
  expect(await world.unsent()).toBe(0);
}, 30_000);

test('a relay that is woken claims once, and again only where there may be more than a batch', async () => {
  const { world, databases } = await worlds.open('once.');
  let claims = 0;
  let answered = 0;
  const counted = Object.create(databases.sender) as Database;
  counted.query = async (statement) => {
    if (statement.name !== 'outbox-claim') return databases.sender.query(statement);
    claims += 1;
    const found = await databases.sender.query(statement);
    answered += 1;
    return found as never;
  };
  const relay = world.startRelay({ database: counted, sweepMs: 60_000, batchSize: 2 });
  // What is placed later is for the next claim to find.
  await eventually(() => expect(answered).toBe(1));
  await world.place(1);
  relay.wake();
  await eventually(async () => expect(await world.unsent()).toBe(0));
  expect(claims).toBe(2);
  await world.place(2, 3, 4);
  relay.wake();
  await eventually(async () => expect(await world.unsent()).toBe(0));
  expect(claims).toBe(4);
}, 30_000);
