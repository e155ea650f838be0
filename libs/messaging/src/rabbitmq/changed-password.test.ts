import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { allPermissions } from '../broker-admin';
import { openConnection } from './connection';

/** `npm run test:rotation` verifies on a whole shop that no event is lost meanwhile. */
describe('connections to the broker outlast a change of the password', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await createTestBroker();
  }, 120_000);
  afterAll(async () => {
    await broker.drop();
  });

  const admin = () => {
    if (!broker.admin) throw new Error('give RABBITMQ_MANAGEMENT_URL too: users are made there');
    return broker.admin;
  };
  /** A proxy to the broker that closes all connections, as in a failover. */
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
  /** The connections that are up, by name. */
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
      const connections = ['sending', 'reading'].map((each) =>
        openConnection({
          url: () => passwords.map(as),
          name: each,
          clock: systemClock,
          observer: {
            connection({ state, error }) {
              if (state === 'up') live.add(each);
              if (state === 'down') live.delete(each);
              if (String(error).includes('ACCESS_REFUSED')) refusals += 1;
            },
          },
          random: Math.random,
          reconnectMs: { min: 20, max: 100 },
        }),
      );
      const connected = () => eventually(() => live.size === connections.length);
      try {
        await connected();
        await steps({
          give: (...given) => void (passwords = given),
          change,
          connected,
          refused: () => eventually(() => refusals >= connections.length),
        });
        await connected();
      } finally {
        await Promise.all(connections.map((connection) => connection.close()));
      }
    },
    60_000,
  );
});

interface User {
  give(...passwords: string[]): void;
  change(password: string): Promise<void>;
  /** All connections are up again. */
  connected(): Promise<unknown>;
  /** Logins have been refused since. */
  refused(): Promise<unknown>;
}
