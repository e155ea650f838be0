import { freePort } from '@bulkhead/development/free-ports';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { openTlsFront, type TlsFront } from '@bulkhead/testing/tls-front';
import type { ConnectionState } from '../observer';
import { explainBrokerFailure } from './broker-failure';
import { type ConnectionOptions, openConnection } from './connection';

let broker: TestBroker;
let front: TlsFront;
beforeAll(async () => {
  broker = await createTestBroker();
  const { hostname, port } = new URL(broker.url);
  front = await openTlsFront({ host: hostname, port: Number(port || 5672) });
}, 120_000);
afterAll(async () => {
  await front.close();
  await broker.drop();
});

const altered = (change: (url: URL) => void): string => {
  const url = new URL(broker.url);
  change(url);
  return url.href;
};

/** A connection's reported states, until `done`. */
async function watch(options: Pick<ConnectionOptions, 'url' | 'ca'>, done: (told: Told[]) => void) {
  const told: Told[] = [];
  const connection = openConnection({
    ...options,
    name: 'test',
    clock: systemClock,
    random: Math.random,
    reconnectMs: { min: 5, max: 20 },
    observer: {
      connection: ({ state, host, error }) =>
        told.push({ state, host, ...(error !== undefined && explainBrokerFailure(error)) }),
    },
  });
  try {
    await eventually(() => done(told));
  } finally {
    await connection.close();
  }
}

interface Told {
  readonly state: ConnectionState;
  readonly host: string | undefined;
  readonly reason?: string;
  readonly variable?: string;
}

test('of several brokers, the next one in turn is asked where one cannot be reached, with the credentials of the first', async () => {
  const nowhere = await freePort();
  const first = altered((url) => (url.host = `127.0.0.1:${nowhere}`));
  const { host } = new URL(broker.url);
  await watch({ url: `${first},amqp://${host}` }, (told) =>
    expect(told).toMatchObject([
      { state: 'down', host: `127.0.0.1:${nowhere}`, variable: 'RABBITMQ_URL' },
      { state: 'up', host },
    ]),
  );
});

test('where the brokers are is asked before each attempt to connect', async () => {
  let url = altered((given) => (given.password = 'wrong'));
  await watch({ url: () => [url] }, (told) => {
    if (told.length > 1) url = broker.url;
    expect(told.at(-1)).toMatchObject({ state: 'up' });
  });
});

test.each<[string, () => Pick<ConnectionOptions, 'url' | 'ca'>, Partial<Told>]>([
  [
    'a wrong password',
    () => ({ url: altered((url) => (url.password = 'wrong')) }),
    { reason: 'the broker refuses the user or password', variable: 'RABBITMQ_URL' },
  ],
  [
    'a virtual host that is not there',
    () => ({ url: altered((url) => (url.pathname = '/not-there')) }),
    { reason: expect.stringContaining('the virtual host does not exist'), variable: 'RABBITMQ_URL' },
  ],
  [
    'a host that is not there',
    () => ({ url: altered((url) => (url.hostname = 'broker.invalid')) }),
    { reason: expect.stringContaining('cannot be resolved'), variable: 'RABBITMQ_URL' },
  ],
  [
    'an authority that is not trusted',
    () => ({ url: secure() }),
    { reason: expect.stringContaining('no authority that is trusted'), variable: 'RABBITMQ_CA' },
  ],
  [
    'an authority that is no certificate',
    () => ({ url: secure(), ca: 'nonsense' }),
    { variable: 'RABBITMQ_CA' },
  ],
  [
    'TLS to a port without',
    () => ({ url: broker.url.replace('amqp:', 'amqps:') }),
    { reason: expect.stringContaining('speaks no TLS'), variable: 'RABBITMQ_URL' },
  ],
  [
    'no TLS to a port with',
    () => ({ url: secure().replace('amqps:', 'amqp:') }),
    { reason: expect.stringContaining('its port is for TLS') },
  ],
  [
    'what is no URL',
    () => ({ url: 'broker' }),
    { reason: expect.stringMatching(/^RABBITMQ_URL must be a URL/), variable: 'RABBITMQ_URL' },
  ],
])('%s is said in words', async (_what, options, failure) => {
  await watch(options(), (told) => expect(told[0]).toMatchObject({ state: 'down', ...failure }));
});

test('an authority that is given is trusted', () =>
  watch({ url: secure(), ca: front.ca }, (told) => expect(told).toMatchObject([{ state: 'up' }])));

const secure = () => altered((url) => (url.host = `localhost:${front.port}`)).replace('amqp:', 'amqps:');
