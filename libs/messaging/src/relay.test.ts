import type { Database } from '@bulkhead/database/database';
import { systemClock } from '@bulkhead/resilience/clock';
import { openRabbitMqCarrier } from './conformance/rabbitmq-carrier';
import { createTestDatabases, createWorld, type TestDatabases } from './conformance/world';
import { createTestBroker, type TestBroker } from '@bulkhead/testing/rabbitmq';

let broker: TestBroker;
let databases: TestDatabases;
beforeAll(async () => {
  [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
}, 120_000);
afterAll(async () => {
  await databases.drop();
  await broker.drop();
});

test('a relay whose database is slow knows when all is sent, and holds up no service that stops', async () => {
  const carrier = await openRabbitMqCarrier(broker.url, 'flush.');
  const world = createWorld(carrier, databases);
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
  await world.stop();
  await carrier.close();
}, 30_000);
