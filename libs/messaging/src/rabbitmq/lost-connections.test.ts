import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker } from '../testing/rabbitmq';
import { openTlsFront } from '@bulkhead/testing/tls-front';
import { connect } from 'amqplib';
import { mails, subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast } from '../conformance/world';
import { declareTopology } from './declare-topology';
import { createRabbitMqTransport } from './rabbitmq-transport';
import { createNames } from './topology';

test('thirty lost connections with a hundred messages in hand bury none of them', async () => {
  const prefix = 'lost-connections.';
  const names = createNames(prefix);
  const [broker, databases] = await Promise.all([createTestBroker(), createTestDatabases()]);
  const plain = new URL(broker.url);
  const front = await openTlsFront({ host: plain.hostname, port: Number(plain.port || 5672) });
  const url = broker.url.replace('amqp:', 'amqps:').replace(plain.host, `localhost:${front.port}`);
  let connections = 0;
  const world = createWorld(
    {
      connect: (service, _databases, observer) =>
        createRabbitMqTransport({
          ...(service === 'notification' ? { url, ca: front.ca } : { url: broker.url }),
          service,
          subscriptions,
          clock: systemClock,
          observer: {
            ...observer,
            connection: ({ name, state }) => {
              if (name === 'notification reading' && state === 'up') connections += 1;
            },
          },
          prefix,
          retryDelaysMs: fast.retryDelaysMs,
          reconnectMs: { min: 5, max: 20 },
        }),
      inject: async () => undefined,
      injectRaw: async () => false,
      depth: async () => 0,
      reset: async () => undefined,
      close: async () => undefined,
    },
    databases,
  );
  const direct = await connect(broker.url);
  try {
    await declareTopology(broker.url, subscriptions, prefix, fast.retryDelaysMs);
    const channel = await direct.createChannel();
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    world.startRelay({ leaseMs: 30_000 });
    await world.place(...numbers);
    await eventually(async () => expect(await world.unsent()).toBe(0));
    const handedOver = async (count: number) => {
      const { consumerCount, messageCount } = await channel.checkQueue(names.queue(mails.group));
      expect({ consumerCount, messageCount }).toEqual({ consumerCount: 1, messageCount: count });
    };

    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    world.startConsumers({
      mails: async (event, delivery) => {
        await released;
        await world.effect(mails)(event, delivery);
      },
    });
    for (let lost = 0; lost < 30; lost += 1) {
      await eventually(() => handedOver(0));
      // A moment, as lost connections are apart: what is put back is in hand again after it.
      await systemClock.sleep(100);
      await eventually(() => handedOver(0));
      front.cut();
      await eventually(() => expect(connections).toBeGreaterThan(lost + 1));
    }
    release();
    await eventually(async () => expect(await world.effects(mails)).toEqual(numbers));
    expect(await world.connect('order').deadLetters.list(mails.group)).toEqual([]);
    // Nothing is left of the beginnings that were counted: each came to an end.
    await eventually(async () => {
      const { rows } = await databases.reader.query({
        text: 'select count(*)::int as count from inbox where consumer_group = $1',
        values: [mails.group],
      });
      expect(rows).toEqual([{ count: 100 }]);
    });
  } finally {
    await world.stop();
    await direct.close();
    await front.close();
    await databases.drop();
    await broker.drop();
  }
}, 60_000);
