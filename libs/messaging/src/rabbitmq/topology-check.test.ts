import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { connect } from 'amqplib';
import { index, mails, subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast, type TestDatabases, type World } from '../conformance/world';
import { createRabbitMqTransport } from './rabbitmq-transport';
import { declareTopology } from './declare-topology';
import { createNames } from './topology';
import { topologyDefinitions } from './topology-definitions';

/** RABBITMQ_TOPOLOGY=check: an operator's broker, on which the services may configure nothing. */
describe('a topology that an operator imported', () => {
  const prefix = 'operator.';
  const names = createNames(prefix);
  let broker: TestBroker;
  let databases: TestDatabases;
  let world: World;
  let failing = false;
  const troubles: string[] = [];
  const stalls: string[] = [];

  beforeAll(async () => {
    [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
    const url = await broker.admin!.createUserUrl('service', { configure: '^$', write: '.*', read: '.*' });
    world = createWorld(
      {
        connect: (service, _databases, observer) =>
          createRabbitMqTransport({
            url,
            service,
            subscriptions,
            clock: systemClock,
            observer: {
              ...observer,
              trouble: ({ error }) => troubles.push((error as Error).message),
              connection: ({ name, state, error }) => {
                if (state === 'stalled' || state === 'recovered')
                  stalls.push(`${name} ${state} ${(error as Error | undefined)?.message ?? ''}`.trim());
              },
            },
            prefix,
            retryDelaysMs: fast.retryDelaysMs,
            topology: 'check',
            reconnectMs: { min: 5, max: 20 },
            stalledAfterMs: 100,
          }),
        inject: async () => undefined,
        injectRaw: async () => false,
        depth: async () => 0,
        reset: async () => undefined,
        close: async () => undefined,
      },
      databases,
    );
  }, 120_000);
  afterAll(async () => {
    await world.stop();
    await databases.drop();
    await broker.drop();
  });

  const importDefinitions = () =>
    broker.admin!.importDefinitions(
      broker.admin!.vhost,
      topologyDefinitions(subscriptions, prefix, fast.retryDelaysMs),
    );

  test('what is missing is said, counts as a broker of no use, and loses nothing', async () => {
    world.startConsumers(
      {},
      {
        subscriptions: [
          {
            definition: mails,
            handle: async (event, delivery) => {
              if (failing) throw new Error('not yet');
              await world.effect(mails)(event, delivery);
            },
          },
        ],
      },
    );
    world.startRelay({ leaseMs: 30_000 });
    await world.place(1);
    await eventually(() => {
      expect(troubles).toContain(
        `the exchange ${names.exchange} is not on the broker, and the service may not declare it: an administrator has to`,
      );
      expect(stalls.join()).toMatch(/sending stalled the exchange/);
      expect(stalls.join()).toMatch(/reading stalled the exchange/);
    });
    await importDefinitions();
    await eventually(async () => expect(await world.effects(mails)).toEqual([1]));
    expect(await world.unsent()).toBe(0);
    await eventually(() => {
      expect(stalls.filter((said) => said.endsWith('sending recovered'))).toHaveLength(1);
      expect(stalls.some((said) => said.endsWith('reading recovered'))).toBe(true);
    });
  });

  test('retries, dead letters and redriving work on it', async () => {
    failing = true;
    await world.place(2);
    const { deadLetters } = world.connect('notification');
    await eventually(async () => expect(await deadLetters.list(mails.group)).toHaveLength(1));
    failing = false;
    expect(await deadLetters.redrive(mails.group, 'all')).toBe(1);
    await eventually(async () => expect(await world.effects(mails)).toEqual([1, 2]));
  });

  test('a queue of retries that is missing is named', async () => {
    const missing = names.waitQueue(mails.group, fast.retryDelaysMs[1]!);
    const connection = await connect(broker.url);
    try {
      await (await connection.createChannel()).deleteQueue(missing);
      troubles.splice(0);
      world.startConsumers();
      await eventually(() =>
        expect(troubles).toContain(
          `the queue ${missing} is not on the broker, and the service may not declare it: an administrator has to`,
        ),
      );
    } finally {
      await connection.close().catch(() => undefined);
    }
    await importDefinitions();
    await world.place(3);
    await eventually(async () => expect(await world.effects(index)).toContain(3));
  });

  test('is what declaring makes', async () => {
    // A queue of another kind or with other arguments would be refused.
    await declareTopology(broker.url, subscriptions, prefix, fast.retryDelaysMs);
    const { queues, exchanges } = topologyDefinitions(subscriptions, prefix, fast.retryDelaysMs);
    expect(queues.map(({ name }) => name)).toEqual(
      expect.arrayContaining([names.queue(index.group), names.deadQueue(mails.group)]),
    );
    expect(exchanges.map(({ name }) => name)).toContain(names.backExchange(mails.group));
  });
});
