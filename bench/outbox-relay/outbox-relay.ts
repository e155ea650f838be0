import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { PooledDatabase } from '@bulkhead/database/pool';
import { startBroker } from '@bulkhead/messaging/broker-process';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import { createRelay, type RelayOptions } from '@bulkhead/messaging/relay';
import type { Transport } from '@bulkhead/messaging/transport';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import type { RatioBench } from '../bench';
import { countPerSecond } from '../callers';
import { compare, type Speed } from '../comparison';
import { newOrder } from '../order-commit/new-order';
import { startPostgres } from '../postgres';

const flushMs = 60_000;

export const outboxRelay: RatioBench = {
  name: 'outbox-relay',
  title: 'Sending the outbox over RabbitMQ: claim, publish with confirms, mark',
  target: 10,
  async run({ pairs, share }) {
    const [postgres, broker] = await Promise.all([startPostgres(), startBroker()]);
    const transport = createRabbitMqTransport({
      url: broker.url,
      service: 'order',
      subscriptions: Object.values(subscriptions),
      clock: systemClock,
      prefix: `bench-${randomIds.next()}.`,
    });
    try {
      const database = await postgres.open('order');
      await fillOutbox(database, 1);
      await sendAll(database, transport);
      const ratios = await compare({
        ours: { name: 'relay', measure: () => sendMany(database, transport, 10_000 * share) },
        theirs: { name: 'serial', measure: () => sendMany(database, oneByOne(transport), 1_000 * share) },
        pairs,
      });
      return {
        kind: 'ratio',
        ours: 'the relay',
        theirs: 'the same, awaiting the confirm of each event',
        unit: 'events/s',
        ratios,
        checked: 'every row confirmed by the broker and marked as sent',
      };
    } finally {
      await transport.close();
      await Promise.all([postgres.stop(), broker.stop()]);
    }
  },
};

const oneByOne = (transport: Transport): RelayOptions['transport'] => ({
  spanAttributes: transport.spanAttributes,
  async publish(rows) {
    const outcomes = [];
    for (const row of rows) outcomes.push(...(await transport.publish([row])));
    return outcomes;
  },
});

async function sendMany(
  database: PooledDatabase,
  transport: RelayOptions['transport'],
  count: number,
): Promise<Speed> {
  await fillOutbox(database, count);
  return countPerSecond(count, () => sendAll(database, transport));
}

/** @throws Error when a row is left, or the broker was not to be had at any moment */
async function sendAll(database: PooledDatabase, transport: RelayOptions['transport']): Promise<void> {
  const troubles: unknown[] = [];
  const relay = createRelay({
    database,
    transport,
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

async function fillOutbox(database: PooledDatabase, count: number): Promise<void> {
  await database.query({ text: 'delete from outbox' });
  const rows = Array.from({ length: count }, () => JSON.parse(newOrder().events) as object[]).flat();
  await database.query({
    text: `insert into outbox (id, type, subject, payload)
      select id, type, subject, payload
      from jsonb_to_recordset($1::jsonb) as event(id uuid, type text, subject text, payload jsonb)`,
    values: [JSON.stringify(rows)],
  });
}
