import { systemClock } from '@bulkhead/resilience/clock';
import { createTestBroker } from '@bulkhead/testing/rabbitmq';
import type { ConfirmChannel } from 'amqplib';
import { openConnection } from './connection';
import { createPublisher } from './publisher';

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
