import { systemClock } from '@bulkhead/resilience/clock';
import { type BrokerCluster, startBrokerCluster } from '@bulkhead/development/broker-cluster';
import { eventually } from '@bulkhead/testing/eventually';
import { subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast, type TestDatabases, type World } from '../conformance/world';
import { createRabbitMqTransport } from './rabbitmq-transport';

/** Run by `npm run test:majority`: three nodes of RabbitMQ, of which two are lost, and the third does not pause. */
let cluster: BrokerCluster;
let databases: TestDatabases;
let world: World;
const said: string[] = [];

beforeAll(async () => {
  [cluster, databases] = await Promise.all([startBrokerCluster(3), createTestDatabases()]);
  const none = async () => undefined;
  world = createWorld(
    {
      connect: (service, _databases, observer) =>
        createRabbitMqTransport({
          url: cluster.nodes[0]!.url,
          service,
          subscriptions,
          clock: systemClock,
          observer: {
            ...observer,
            connection: ({ name, state }) => said.push(`${name} ${state}`),
          },
          retryDelaysMs: fast.retryDelaysMs,
          confirmTimeoutMs: 1_000,
          reconnectMs: { min: 50, max: 500 },
          stalledAfterMs: 2_000,
        }),
      inject: none,
      injectRaw: async () => false,
      depth: async () => 0,
      reset: none,
      close: none,
    },
    databases,
  );
}, 240_000);
afterAll(async () => {
  await world?.stop();
  await databases?.drop();
  await cluster?.stop();
});

const states = (name: string) =>
  said.filter((each) => each.startsWith(`${name} `)).map((each) => each.split(' ').at(-1));

test('a broker that has lost most of its nodes reads as stalled, and what was sent meanwhile arrives once', async () => {
  world.startConsumers();
  world.startRelay({ leaseMs: 30_000 });
  await world.place(1);
  await world.settledWith([1]);

  await Promise.all(cluster.nodes.slice(1).map((node) => node.kill()));
  await world.place(2, 3);
  await eventually(
    () => {
      expect(states('order sending').at(-1)).toBe('stalled');
    },
    { timeoutMs: 60_000 },
  );
  expect(await world.unsent()).toBe(2);

  await Promise.all(cluster.nodes.slice(1).map((node) => node.start()));
  await eventually(async () => expect(await world.unsent()).toBe(0), { timeoutMs: 60_000 });
  await eventually(() => expect(states('order sending').at(-1)).not.toBe('stalled'), { timeoutMs: 60_000 });
  await eventually(() => expect(states('notification reading').at(-1)).not.toBe('stalled'), {
    timeoutMs: 60_000,
  });
  await world.settledWith([1, 2, 3]);
}, 300_000);
