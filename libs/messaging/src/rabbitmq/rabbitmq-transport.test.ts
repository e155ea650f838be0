import { systemClock } from '@bulkhead/resilience/clock';
import { createTestBroker } from '@bulkhead/testing/rabbitmq';
import { connect } from 'amqplib';
import { describeTransport } from '../conformance/conformance';
import { describeCrashes } from '../conformance/crashes';
import { subscriptions } from '../conformance/shop';
import { type Carrier, fast } from '../conformance/world';
import { createRabbitMqTransport } from './rabbitmq-transport';
import { createNames } from './topology';

async function openCarrier(): Promise<Carrier> {
  const broker = await createTestBroker();
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  let worlds = 0;
  const prefix = () => `${broker.prefix}w${worlds}.`;
  const everyQueue = () => {
    const names = createNames(prefix());
    return subscriptions.flatMap(({ group }) => [
      names.queue(group),
      names.deadQueue(group),
      ...fast.retryDelaysMs.map((delayMs) => names.waitQueue(group, delayMs)),
    ]);
  };
  return {
    connect: (service, _databases, observer) =>
      createRabbitMqTransport({
        url: broker.url,
        service,
        subscriptions,
        clock: systemClock,
        observer,
        prefix: prefix(),
        retryDelaysMs: fast.retryDelaysMs,
      }),
    async inject(group, { id, body }) {
      channel.sendToQueue(createNames(prefix()).queue(group), body, { messageId: id, persistent: true });
      await channel.waitForConfirms();
    },
    // Declaring again tells only what is ready; what is in hand shows in the management API, too late for a test.
    async depth(group) {
      const names = createNames(prefix());
      let depth = 0;
      for (const queue of [
        names.queue(group),
        ...fast.retryDelaysMs.map((ms) => names.waitQueue(group, ms)),
      ]) {
        depth += (await channel.checkQueue(queue)).messageCount;
      }
      return depth;
    },
    async reset() {
      for (const queue of everyQueue()) await channel.deleteQueue(queue);
      await channel.deleteExchange(createNames(prefix()).exchange);
      worlds += 1;
    },
    async close() {
      await connection.close();
      await broker.drop();
    },
  };
}

describeTransport('RabbitMQ', openCarrier);
describeCrashes('RabbitMQ', openCarrier);
