import { systemClock } from '@bulkhead/resilience/clock';
import { connect } from 'amqplib';
import { createRabbitMqTransport } from '../rabbitmq/rabbitmq-transport';
import { createNames } from '../rabbitmq/topology';
import { openRawPublisher, type RawPublisher } from './raw-publisher';
import { subscriptions } from './shop';
import { type Carrier, fast } from './world';

/** RabbitMQ at `url`; every world has queues of its own, under `prefix`. */
export async function openRabbitMqCarrier(
  url: string,
  prefix: string,
): Promise<Carrier & { prefix(): string }> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();
  let worlds = 0;
  let raw: Promise<RawPublisher> | undefined;
  const prefixNow = () => `${prefix}w${worlds}.`;
  const names = () => createNames(prefixNow());

  return {
    prefix: prefixNow,
    connect: (service, _databases, observer) =>
      createRabbitMqTransport({
        url,
        service,
        subscriptions,
        clock: systemClock,
        observer,
        prefix: prefixNow(),
        retryDelaysMs: fast.retryDelaysMs,
      }),
    async inject(group, { id, body }) {
      channel.sendToQueue(names().queue(group), body, { messageId: id, persistent: true });
      await channel.waitForConfirms();
    },
    async injectRaw(group, delivery) {
      const publisher = await (raw ??= openRawPublisher(url));
      const taken = await publisher.publish(names().queue(group), delivery);
      if (!taken) raw = undefined;
      return taken;
    },
    // Unacknowledged messages are visible only in the management API, seconds later; a test ends without any.
    async depth(group) {
      const { queue, waitQueue } = names();
      let depth = 0;
      for (const name of [queue(group), ...fast.retryDelaysMs.map((delayMs) => waitQueue(group, delayMs))]) {
        depth += (await channel.checkQueue(name)).messageCount;
      }
      return depth;
    },
    async reset() {
      const { queue, deadQueue, waitQueue, backExchange, exchange } = names();
      for (const { group } of subscriptions) {
        await channel.deleteExchange(backExchange(group));
        await channel.deleteQueue(queue(group));
        await channel.deleteQueue(deadQueue(group));
        for (const delayMs of fast.retryDelaysMs) await channel.deleteQueue(waitQueue(group, delayMs));
      }
      await channel.deleteExchange(exchange);
      worlds += 1;
    },
    async close() {
      (await raw)?.close();
      await connection.close();
    },
  };
}
