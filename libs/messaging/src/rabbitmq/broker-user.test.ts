import type { ServiceName } from '@bulkhead/contracts/services';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '@bulkhead/testing/rabbitmq';
import { connect } from 'amqplib';
import { allPermissions } from '../broker-admin';
import { catalog, mails, placed, subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast, type TestDatabases } from '../conformance/world';
import { provisionBrokerUser } from './broker-user';
import { declareTopology } from './declare-topology';
import { createRabbitMqTransport } from './rabbitmq-transport';
import { createNames } from './topology';

const prefix = 'own-users.';
const names = createNames(prefix);

describe('a broker user for each service', () => {
  let broker: TestBroker;
  let databases: TestDatabases;
  const urls = new Map<ServiceName, string>();

  beforeAll(async () => {
    [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
    const admin = broker.admin;
    if (!admin) throw new Error('give RABBITMQ_MANAGEMENT_URL too: users are made there');
    await declareTopology(broker.url, subscriptions, prefix, fast.retryDelaysMs);
    for (const service of ['order', 'notification', 'search'] as const) {
      const url = await admin.createUserUrl(service, allPermissions);
      await provisionBrokerUser(admin, { service, url, subscriptions, catalog, prefix });
      urls.set(service, url);
    }
  }, 120_000);
  afterAll(async () => {
    await databases.drop();
    await broker.drop();
  });

  /** What the broker says to `use` of a channel of a service's user; undefined where it allows it. */
  const refusal = async (
    service: ServiceName,
    use: (
      channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>,
    ) => unknown,
  ): Promise<string | undefined> => {
    const connection = await connect(urls.get(service)!);
    try {
      const channel = await connection.createConfirmChannel();
      const refused = new Promise<string>((resolve) =>
        channel.once('error', (error: Error) => resolve(error.message)),
      );
      const used = async () => {
        await use(channel);
        await channel.waitForConfirms();
        return undefined;
      };
      return await Promise.race([refused, used().catch(() => refused)]);
    } finally {
      await connection.close();
    }
  };
  const publish = (type: string) => (channel: { publish: (...words: [string, string, Buffer]) => unknown }) =>
    channel.publish(names.exchange, type, Buffer.from('{}'));
  const read = (queue: string) => (channel: { get: (queue: string) => unknown }) => channel.get(queue);

  test('sends the events of its service, and no other’s', async () => {
    expect(await refusal('notification', publish(placed.type))).toContain('ACCESS_REFUSED');
    expect(await refusal('order', publish('payment.captured.v1'))).toContain('ACCESS_REFUSED');
    expect(await refusal('order', publish('order.archived.v1'))).toBeUndefined();
  });

  test('reads the queues of its service, and no other’s', async () => {
    for (const queue of [names.queue, names.deadQueue]) {
      expect(await refusal('search', read(queue(mails.group)))).toContain('ACCESS_REFUSED');
      expect(await refusal('order', read(queue(mails.group)))).toContain('ACCESS_REFUSED');
      expect(await refusal('notification', read(queue(mails.group)))).toBeUndefined();
    }
  });

  test('binds no queue of its own to be told more, and removes no queue of others', async () => {
    const more =
      (queue: string) => (channel: { bindQueue: (...words: [string, string, string]) => unknown }) =>
        channel.bindQueue(queue, names.exchange, '#');
    expect(await refusal('search', more(names.queue(mails.group)))).toContain('ACCESS_REFUSED');
    expect(await refusal('search', (channel) => channel.deleteQueue(names.queue(mails.group)))).toContain(
      'ACCESS_REFUSED',
    );
  });

  test('is all that sending, hearing, retrying, dead letters and redriving take', async () => {
    const world = createWorld(
      {
        connect: (service, _databases, observer) =>
          createRabbitMqTransport({
            url: urls.get(service)!,
            service,
            subscriptions: service === 'notification' ? [mails] : subscriptions,
            clock: systemClock,
            observer,
            prefix,
            retryDelaysMs: fast.retryDelaysMs,
          }),
        inject: async () => undefined,
        injectRaw: async () => false,
        depth: async () => 0,
        reset: async () => undefined,
        close: async () => undefined,
      },
      databases,
    );
    let failing = true;
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
    // One sending is one dead letter: the lease must outlive the declaring of all queues on a busy machine.
    world.startRelay({ leaseMs: 30_000 });
    await world.place(7);
    const { deadLetters } = world.connect('notification');
    await eventually(async () => expect(await deadLetters.list(mails.group)).toHaveLength(1));
    failing = false;
    expect(await deadLetters.redrive(mails.group, 'all')).toBe(1);
    await eventually(async () => expect(await world.effects(mails)).toEqual([7]));
    expect(await world.unsent()).toBe(0);
    await world.stop();
  });
});
