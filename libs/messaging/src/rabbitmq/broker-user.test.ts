import type { ServiceName } from '@bulkhead/contracts/services';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { connect } from 'amqplib';
import { allPermissions } from '../broker-admin';
import { catalog, index, mails, placed, subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast, type TestDatabases } from '../conformance/world';
import { brokerAccess, brokerPermissions } from './broker-permissions';
import { provisionBrokerUser } from './broker-user';
import { declareTopology } from './declare-topology';
import { createRabbitMqTransport } from './rabbitmq-transport';
import { createNames } from './topology';

/** What these worlds have no use for. */
const nothingElse = {
  inject: async () => undefined,
  injectRaw: async () => false,
  depth: async () => 0,
  reset: async () => undefined,
  close: async () => undefined,
};

/** One event from a sender to a reader that fails at first, each with its own user. */
async function sendsRetriesAndRedrives(
  urls: ReadonlyMap<ServiceName, string>,
  databases: TestDatabases,
  prefix: string,
): Promise<void> {
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
      ...nothingElse,
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
}

describe.each(brokerAccess)('a broker user for each service, %s', (access) => {
  const prefix = `own-users.${access}.`;
  const names = createNames(prefix);
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
      await provisionBrokerUser(admin, { service, url, subscriptions, catalog, access, prefix });
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

  test('puts messages back into its own queues, and into no other’s', async () => {
    const back = (channel: { publish: (...words: [string, string, Buffer]) => unknown }) =>
      channel.publish(names.backExchange(mails.group), names.deadQueue(mails.group), Buffer.from('{}'));
    expect(await refusal('search', back)).toContain('ACCESS_REFUSED');
    expect(await refusal('order', back)).toContain('ACCESS_REFUSED');
    expect(await refusal('notification', back)).toBeUndefined();
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

  test('is all that sending, hearing, retrying, dead letters and redriving take', () =>
    sendsRetriesAndRedrives(urls, databases, prefix));

  const unlessTransitional = access === 'narrow' ? test : test.failing;
  type Forger = Parameters<typeof refusal>[1];
  const forgeries: readonly (readonly [string, Forger])[] = [
    [
      'by the default exchange',
      (channel) => channel.publish('', names.queue(mails.group), Buffer.from('{}')),
    ],
    [
      'by an exchange of its own that passes on to that of all events',
      (channel) => channel.bindExchange(names.exchange, names.backExchange(index.group), placed.type),
    ],
    ['by an exchange that it makes', (channel) => channel.assertExchange(names.queue(index.group), 'fanout')],
  ];
  unlessTransitional.each(forgeries)('forges no event of another service %s', async (_how, forge) => {
    expect(await refusal('search', forge)).toMatch(/ACCESS_REFUSED|NOT_FOUND/);
  });
});

test('with the exchanges and users of the release before, retries, dead letters and redriving go the old way', async () => {
  const prefix = 'release-before.';
  const names = createNames(prefix);
  const [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
  try {
    await declareTopology(broker.url, subscriptions, prefix, fast.retryDelaysMs);
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    for (const { group } of subscriptions) await channel.deleteExchange(names.backExchange(group));
    await connection.close();
    const urls = new Map<ServiceName, string>();
    for (const service of ['order', 'notification'] as const) {
      const { configure, write, read } = brokerPermissions(service, subscriptions, 'transitional', prefix);
      const withoutWays = (expression: string) => expression.replace(/\|[^|]*\\\.back/g, '');
      const permissions = {
        configure: withoutWays(configure),
        write: withoutWays(write),
        read: withoutWays(read),
      };
      expect(JSON.stringify(permissions)).not.toContain('back');
      urls.set(service, await broker.admin!.createUserUrl(service, permissions));
    }
    await sendsRetriesAndRedrives(urls, databases, prefix);
  } finally {
    await databases.drop();
    await broker.drop();
  }
}, 60_000);

test('an event in another’s clothes, sent on to further receivers, has no effect and is a dead letter', async () => {
  const prefix = 'further-receivers.';
  const [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
  const world = createWorld(
    {
      connect: (service, _databases, observer) =>
        createRabbitMqTransport({
          url: broker.url,
          service,
          subscriptions,
          clock: systemClock,
          observer,
          prefix,
        }),
      ...nothingElse,
    },
    databases,
  );
  const connection = await connect(broker.url);
  try {
    world.startConsumers();
    world.startRelay();
    await world.place(1);
    await eventually(async () => expect(await world.effects(mails)).toEqual([1]));
    const { rows } = await databases.sender.query<{ body: string }>({
      text: `select jsonb_set(payload, '{id}', to_jsonb(gen_random_uuid()))::text as body from outbox`,
    });
    // RabbitMQ judges the routing key, and before 4.0 none of those in CC.
    const channel = await connection.createConfirmChannel();
    const { exchange } = createNames(prefix);
    channel.publish(exchange, 'order.archived.v1', Buffer.from(rows[0]!.body), { CC: [placed.type] });
    await channel.waitForConfirms();
    const { deadLetters } = world.connect('notification');
    await eventually(async () =>
      expect(await deadLetters.list(mails.group)).toMatchObject([
        { reason: `sent-as-another: it is ${placed.type}, and was sent as order.archived.v1` },
      ]),
    );
    expect(await world.effects(mails)).toEqual([1]);
  } finally {
    await world.stop();
    await connection.close();
    await databases.drop();
    await broker.drop();
  }
}, 60_000);
