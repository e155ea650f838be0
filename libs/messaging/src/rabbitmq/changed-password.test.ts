import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '@bulkhead/testing/rabbitmq';
import { allPermissions } from '../broker-admin';
import { subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast, type TestDatabases } from '../conformance/world';
import { createRabbitMqTransport } from './rabbitmq-transport';

/** The password of a service's broker user is changed while events flow, and the broker closes what was open. */
describe('messages outlast a change of the password', () => {
  let broker: TestBroker;
  let databases: TestDatabases;
  beforeAll(async () => {
    [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
  }, 120_000);
  afterAll(async () => {
    await databases.drop();
    await broker.drop();
  });
  afterEach(() => databases.clear());

  const admin = () => {
    if (!broker.admin) throw new Error('give RABBITMQ_MANAGEMENT_URL too: users are made there');
    return broker.admin;
  };
  /** A way to the broker that can be cut, as by a failover: nothing that was open is left. */
  const sockets = new Set<Socket>();
  const way = createServer((socket) => {
    const { hostname, port } = new URL(broker.url);
    const onward = connect(Number(port), hostname);
    const cut = () => [socket, onward].forEach((end) => end.destroy());
    for (const end of [socket, onward]) end.on('error', cut).on('close', cut);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.pipe(onward).pipe(socket);
  });
  beforeAll(() => new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => way.close(resolve)));
  /** The connections that are up, of the sender and the reader two each. */
  const live = new Set<string>();
  let refusals = 0;
  const closeConnections = () => {
    live.clear();
    for (const socket of sockets) socket.destroy();
  };

  test.each<[order: string, steps: (user: User) => Promise<void>]>([
    [
      'both are given first, then the user is changed, then the old one goes',
      async ({ give, change, connected }) => {
        give('new', 'old');
        closeConnections();
        await connected();
        await change('new');
        closeConnections();
        await connected();
        give('new');
        closeConnections();
      },
    ],
    [
      'the user is changed first, and the file follows',
      async ({ give, change, refused }) => {
        await change('new');
        closeConnections();
        await refused();
        give('new');
      },
    ],
  ])(
    'where %s',
    async (order, steps) => {
      let flowing = true;
      const original = await admin().createUserUrl(`rotated ${order.length}`, allPermissions);
      const as = (password: string) =>
        Object.assign(new URL(original), {
          password: encodeURIComponent(`${password}: ä%ß+ /@`),
          port: (way.address() as AddressInfo).port,
        }).toString();
      const name = decodeURIComponent(new URL(original).username);
      let passwords: readonly string[] = ['old'];
      live.clear();
      refusals = 0;
      const change = (password: string) => admin().createUser({ name, password: `${password}: ä%ß+ /@` });
      await change('old');
      const world = createWorld(
        {
          connect: (service, _databases, observer) =>
            createRabbitMqTransport({
              url: () => passwords.map(as),
              service,
              subscriptions,
              clock: systemClock,
              observer: {
                ...observer,
                connection({ name, state, error }) {
                  if (state === 'up') live.add(name);
                  if (state === 'down') live.delete(name);
                  if (String(error).includes('ACCESS_REFUSED')) refusals += 1;
                },
              },
              prefix: `rotated${order.length}.`,
              retryDelaysMs: fast.retryDelaysMs,
              reconnectMs: { min: 20, max: 100 },
            }),
          inject: async () => undefined,
          injectRaw: async () => false,
          depth: async () => 0,
          reset: async () => undefined,
          close: async () => undefined,
        },
        databases,
      );
      try {
        world.startConsumers();
        world.startRelay();
        let placed = 0;
        const flow = (async () => {
          while (flowing) {
            await world.place((placed += 1));
            await systemClock.sleep(5);
          }
        })();
        await eventually(async () => expect(await world.effects(subscriptions[0])).not.toEqual([]));
        await steps({
          give: (...given) => void (passwords = given),
          change,
          connected: () => eventually(() => live.size === 4),
          refused: () => eventually(() => refusals >= 4),
        });
        await eventually(() => live.size === 4);
        flowing = false;
        await flow;
        await world.settledWith(Array.from({ length: placed }, (_, index) => index + 1));
        expect(world.observed.filter(({ kind }) => ['dead', 'dropped'].includes(kind))).toEqual([]);
      } finally {
        flowing = false;
        await world.stop();
      }
    },
    60_000,
  );
});

interface User {
  give(...passwords: string[]): void;
  change(password: string): Promise<void>;
  /** Everybody is connected again. */
  connected(): Promise<unknown>;
  /** Logins have been refused since. */
  refused(): Promise<unknown>;
}
