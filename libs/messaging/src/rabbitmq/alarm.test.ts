import { randomUUID } from 'node:crypto';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { startBroker } from '@bulkhead/development/broker-process';
import { mails, placed, subscriptions } from '../conformance/shop';
import { declareTopology } from './declare-topology';
import { createRabbitMqTransport } from './rabbitmq-transport';

test('while the broker’s alarm blocks a service, its queues can be asked for any number of times', async () => {
  const broker = await startBroker({ memoryLimitBytes: 1_048_576 });
  const states: string[] = [];
  const transport = createRabbitMqTransport({
    url: broker.url,
    service: 'order',
    subscriptions,
    clock: systemClock,
    confirmTimeoutMs: 500,
    observer: { connection: ({ name, state, error }) => states.push(`${name} ${state} ${String(error)}`) },
  });
  try {
    await declareTopology(broker.url, subscriptions);
    const row = { position: '1', id: randomUUID(), type: placed.type, subject: 'order', payload: '{}' };
    await eventually(async () => {
      expect((await transport.publish([row]))[0]).toEqual({ kind: 'unavailable' });
      expect(states).toContain('order sending blocked low on memory');
    });
    // Asked on the connection that is blocked, each would wait for good and keep its channels.
    const { group } = mails;
    for (let scrape = 0; scrape < 50; scrape += 1)
      expect(await transport.queueStates([group])).toEqual([{ group, waiting: 0, dead: 0 }]);
  } finally {
    await transport.close();
    await broker.stop();
  }
}, 120_000);
