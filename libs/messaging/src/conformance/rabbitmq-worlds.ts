import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { openRabbitMqCarrier } from './rabbitmq-carrier';
import { createTestDatabases, createWorld, type TestDatabases, type World } from './world';

/**
 * Worlds on a real broker for the tests of one file. Everything a test has opened is closed with it, even if it fails:
 * a running relay would keep jest from ending.
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
