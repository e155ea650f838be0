import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { openRabbitMqCarrier } from './rabbitmq-carrier';
import { createTestDatabases, createWorld, type TestDatabases, type World } from './world';

/**
 * Worlds over a real broker for the tests of one file. What a test has opened ends with it, whatever becomes of it: a relay
 * that goes on would keep jest from ending.
 */
export function rabbitMqWorlds() {
  let broker: TestBroker;
  let databases: TestDatabases;
  const opened: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
  }, 120_000);
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  }, 60_000);
  afterAll(async () => {
    await databases.drop();
    await broker.drop();
  });

  return {
    async open(prefix: string): Promise<{ world: World; databases: TestDatabases }> {
      const carrier = await openRabbitMqCarrier(broker.url, prefix);
      opened.push(() => carrier.close());
      const world = createWorld(carrier, databases);
      opened.push(() => world.stop());
      return { world, databases };
    },
  };
}
