import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { createBrokerLog } from './broker-log';

let broker: TestBroker;
beforeAll(async () => {
  broker = await createTestBroker();
}, 120_000);
afterAll(() => broker.drop());

test('an outage of the broker is one warning a reason, with the variable, and its end one line', async () => {
  const lines: unknown[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, ...fields, message });
  const log = createBrokerLog({ warn: write('warn'), info: write('info') }, systemClock, 50);
  let attempts = 0;
  const wrong = new URL(broker.url);
  wrong.password = 'wrong';
  let url = wrong.href;
  const transport = createRabbitMqTransport({
    url: () => [url],
    service: 'search',
    subscriptions: Object.values(subscriptions),
    clock: systemClock,
    reconnectMs: { min: 5, max: 20 },
    prefix: `${broker.prefix}broker-log.`,
    observer: {
      connection(event) {
        attempts += 1;
        log.connection(event);
      },
    },
  });
  try {
    await eventually(() => expect(attempts).toBeGreaterThan(6));
    const refused = {
      level: 'warn',
      state: 'down',
      host: wrong.host,
      reason: 'the broker refuses the user or password',
      variable: 'RABBITMQ_URL',
      message: 'RabbitMQ is unavailable',
    };
    expect(lines).toEqual([refused]);
    url = 'amqp://me:secret@broker.invalid';
    await eventually(() => expect(lines).toHaveLength(2));
    expect(lines[1]).toMatchObject({ level: 'warn', host: 'broker.invalid', variable: 'RABBITMQ_URL' });
    url = broker.url;
    await eventually(() =>
      expect(lines[2]).toEqual({ level: 'info', message: 'RabbitMQ is available again' }),
    );
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain('secret');
  } finally {
    await transport.close();
  }
});

test('a broker that lets us in and throws us out again is not back', () => {
  const timers = new Set<() => void>();
  const clock = {
    ...systemClock,
    setTimer: (callback: () => void) => {
      timers.add(callback);
      return { cancel: () => timers.delete(callback) };
    },
  };
  const said: string[] = [];
  const write = (_fields: object, message: string) => void said.push(message);
  const log = createBrokerLog({ warn: write, info: write }, clock);
  for (let times = 0; times < 5; times++) {
    log.connection({ name: 'sending', state: 'up' });
    log.connection({ name: 'sending', state: 'down', error: new Error('closed') });
  }
  expect(said).toEqual(['RabbitMQ is unavailable']);
  expect(timers.size).toBe(0);
  log.connection({ name: 'sending', state: 'up' });
  for (const callback of timers) callback();
  expect(said).toEqual(['RabbitMQ is unavailable', 'RabbitMQ is available again']);
});

test('an ongoing problem is logged once', () => {
  const said: unknown[] = [];
  const write = (fields: object) => void said.push(fields);
  const log = createBrokerLog({ warn: write, info: write }, systemClock);
  const error = new Error('the queue is not there');
  for (let times = 0; times < 5; times++) log.trouble({ where: 'declaring the topology', error });
  log.trouble({ where: 'publishing', error });
  expect(said).toEqual([
    { event: 'declaring the topology', error },
    { event: 'publishing', error },
  ]);
});
