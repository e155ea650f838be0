import { orderConfirmed } from '@bulkhead/contracts/order/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { PooledDatabase } from '@bulkhead/database/pool';
import { startBroker } from '@bulkhead/development/broker-process';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import { createRelay, type RelayOptions } from '@bulkhead/messaging/relay';
import type { Transport } from '@bulkhead/messaging/transport';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { connect } from 'amqplib';
import type { RatioBench } from '../bench';
import { countPerSecond } from '../callers';
import { compare, type Speed } from '../comparison';
import { createQuietOutbox } from '../outbox';
import { startPostgres } from '../postgres';

const flushMs = 120_000;

export const outboxRelay: RatioBench = {
  name: 'outbox-relay',
  title: 'Sending the outbox over RabbitMQ: claim, publish with confirms, mark',
  target: 10,
  async run({ pairs, share }) {
    const [postgres, broker] = await Promise.all([startPostgres(), startBroker()]);
    const prefix = `bench-${randomIds.next()}.`;
    const transport = createRabbitMqTransport({
      url: broker.url,
      service: 'order',
      subscriptions: Object.values(subscriptions),
      clock: systemClock,
      prefix,
    });
    const connection = await connect(broker.url);
    try {
      const database = await postgres.open('order');
      const channel = await connection.createChannel();
      const queue = prefix + subscriptions.notificationOrders.group;
      const count = 10_000 * share;
      const sendMany = async (options: Sending): Promise<Speed> => {
        await fillOutbox(database, count);
        const speed = await countPerSecond(count, () => sendAll(database, options));
        // Each measurement finds the queue of the reader empty, and leaves every event in it.
        const { messageCount } = await channel.purgeQueue(queue);
        if (messageCount < count) throw new Error(`of ${count} events ${messageCount} came to their reader`);
        return speed;
      };
      const ratios = await compare({
        ours: { name: 'relay', measure: () => sendMany({ transport }) },
        theirs: { name: 'serial', measure: () => sendMany({ transport: oneByOne(transport), lanes: 1 }) },
        pairs,
      });
      return {
        kind: 'ratio',
        ours: 'the relay',
        theirs: 'the same, awaiting the confirm of each event',
        unit: 'events/s',
        ratios,
        checked: 'every row confirmed by the broker, in the queue of its reader and marked as sent',
      };
    } finally {
      await connection.close();
      await transport.close();
      await Promise.all([postgres.stop(), broker.stop()]);
    }
  },
};

type Sending = Pick<RelayOptions, 'transport' | 'lanes'>;

const oneByOne = (transport: Transport): RelayOptions['transport'] => ({
  spanAttributes: transport.spanAttributes,
  async publish(rows) {
    const outcomes = [];
    for (const row of rows) outcomes.push(...(await transport.publish([row])));
    return outcomes;
  },
});

/** @throws Error when a row is left, or the broker was not to be had at any moment */
async function sendAll(database: PooledDatabase, options: Sending): Promise<void> {
  const troubles: unknown[] = [];
  const relay = createRelay({
    ...options,
    database,
    clock: systemClock,
    observer: { trouble: ({ error }) => void troubles.push(error) },
  });
  relay.start();
  const done = await relay.flush(flushMs);
  await relay.stop();
  if (!done)
    throw new Error(`the outbox was not sent in time: ${JSON.stringify(await relay.stats())}`, {
      cause: troubles.at(-1),
    });
}

const outbox = createQuietOutbox('order');

/** Adds events that somebody hears. Those sent before stay, as in production for a day. */
async function fillOutbox(database: PooledDatabase, count: number): Promise<void> {
  const confirmed = Array.from({ length: count }, () => {
    const orderId = randomIds.next();
    return {
      definition: orderConfirmed,
      subject: orderId,
      aggregateVersion: 4,
      data: { orderId, userId: randomIds.next(), total: { amount: 8_498, currency: 'EUR' } },
    };
  });
  await database.transaction((tx) => outbox.append(tx, confirmed));
}
