import { systemClock } from '@bulkhead/resilience/clock';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import type { ConfirmChannel } from 'amqplib';
import { type BrokerConnection, openConnection } from './connection';
import { createPublisher, type Outgoing, type Publisher } from './publisher';

test('no more messages than the window has places for are unconfirmed at once, and all are confirmed', async () => {
  const broker = await createTestBroker();
  const queue = `${broker.prefix}window`;
  const connected = Promise.withResolvers<void>();
  const connection = openConnection({
    url: broker.url,
    name: 'window',
    clock: systemClock,
    observer: {},
    random: Math.random,
    onConnected: () => connected.resolve(),
  });
  let unconfirmed = 0;
  let most = 0;
  const publisher = createPublisher({
    connection,
    clock: systemClock,
    window: 5,
    confirmTimeoutMs: 10_000,
    async declare(channel) {
      await channel.assertQueue(queue);
      const confirming = channel as ConfirmChannel;
      const publish = confirming.publish.bind(confirming);
      confirming.publish = (exchange, routingKey, content, options, confirm) => {
        most = Math.max(most, (unconfirmed += 1));
        return publish(exchange, routingKey, content, options, (error, ok) => {
          unconfirmed -= 1;
          confirm?.(error, ok);
        });
      };
    },
  });
  try {
    await connected.promise;
    const messages = Array.from({ length: 100 }, (_, n) => ({
      exchange: '',
      routingKey: queue,
      body: Buffer.from(`${n}`),
      mandatory: true,
      properties: { messageId: `${n}` },
    }));
    const outcomes = await Promise.all(messages.map(publisher.publish));
    expect(outcomes).toEqual(Array(100).fill({ kind: 'confirmed' }));
    expect(most).toBe(5);
    const channel = await connection.current()!.createChannel();
    expect(await channel.deleteQueue(queue)).toEqual({ messageCount: 100 });
  } finally {
    await connection.close();
    await broker.drop();
  }
}, 60_000);

test('a channel that is never ready holds a message up for as long as a confirm may take, and no other after it', async () => {
  const broker = await createTestBroker();
  const queue = `${broker.prefix}never-ready`;
  const connected = Promise.withResolvers<void>();
  const connection = openConnection({
    url: broker.url,
    name: 'never-ready',
    clock: systemClock,
    observer: {},
    random: Math.random,
    onConnected: () => connected.resolve(),
  });
  let isReady = false;
  const publisher = createPublisher({
    connection,
    clock: systemClock,
    window: 5,
    confirmTimeoutMs: 500,
    async declare(channel) {
      await channel.assertQueue(queue);
      if (!isReady) await new Promise<never>(() => undefined);
    },
  });
  const message = {
    exchange: '',
    routingKey: queue,
    body: Buffer.from('1'),
    mandatory: true,
    properties: { messageId: '1' },
  };
  try {
    await connected.promise;
    expect(await publisher.publish(message)).toEqual({ kind: 'unavailable' });
    isReady = true;
    expect(await publisher.publish(message)).toEqual({ kind: 'confirmed' });
    const channel = await connection.current()!.createChannel();
    await channel.deleteQueue(queue);
  } finally {
    await connection.close();
    await broker.drop();
  }
});

describe('what becomes of a message that cannot be sent', () => {
  const exchange = 'publisher-test';
  let broker: TestBroker;
  let connection: BrokerConnection;
  let publisher: Publisher;
  const refusals: string[] = [];

  beforeAll(async () => {
    broker = await createTestBroker();
    const connected = Promise.withResolvers<void>();
    connection = openConnection({
      url: broker.url,
      name: 'fates',
      clock: systemClock,
      observer: {},
      random: Math.random,
      onConnected: () => connected.resolve(),
    });
    publisher = createPublisher({
      connection,
      clock: systemClock,
      window: 300,
      confirmTimeoutMs: 10_000,
      async declare(channel) {
        await channel.assertQueue('taking');
        await channel.assertQueue('full', { maxLength: 0, arguments: { 'x-overflow': 'reject-publish' } });
        await channel.assertExchange(exchange, 'topic');
        await channel.bindQueue('taking', exchange, 'heard');
        await channel.bindQueue('full', exchange, 'full');
      },
      onRefused: ({ message }) => refusals.push(message),
    });
    await connected.promise;
  }, 60_000);
  afterAll(async () => {
    await connection.close();
    await broker.drop();
  });

  const message = (
    change: Partial<Outgoing>,
    properties: Partial<Outgoing['properties']> = {},
  ): Outgoing => ({
    exchange,
    routingKey: 'heard',
    body: Buffer.from('x'),
    mandatory: true,
    ...change,
    properties: { messageId: 'same', ...properties },
  });
  const good = message({});
  const goods = Array<Outgoing>(20).fill(good);

  test.each([
    ['that the broker takes', good, { kind: 'confirmed' }],
    ['that no queue takes', message({ routingKey: 'unheard' }), { kind: 'unroutable' }],
    ['for a full queue', message({ routingKey: 'full' }), { kind: 'nacked' }],
    [
      'that the client library cannot encode',
      message({}, { type: 'x'.repeat(256) }),
      { kind: 'unfit', reason: expect.stringContaining("Field 'type'") },
    ],
    [
      'with more headers than the client library has room for',
      message({}, { headers: { reason: 'x'.repeat(70_000) } }),
      { kind: 'unfit', reason: expect.stringContaining('exceeds') },
    ],
    [
      'that the broker finds wrong',
      message({}, { userId: 'nobody' }),
      { kind: 'unfit', reason: expect.stringContaining('PRECONDITION_FAILED') },
    ],
    [
      'to an exchange that is not there',
      message({ exchange: 'none' }),
      { kind: 'refused', reason: expect.stringContaining('NOT_FOUND') },
    ],
  ])('a message %s has its own fate, and none beside it shares it', async (_case, odd, fate) => {
    const fates = await Promise.all([...goods, odd, ...goods].map(publisher.publish));
    expect(fates[goods.length]).toEqual(fate);
    fates.splice(goods.length, 1);
    expect(fates).toEqual(Array(2 * goods.length).fill({ kind: 'confirmed' }));
  });

  test('what the broker refuses is told', () => {
    expect(refusals.filter((text) => text.includes('PRECONDITION_FAILED')).length).toBeGreaterThan(0);
  });
});
