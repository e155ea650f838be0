import { randomUUID } from 'node:crypto';
import { withClient } from '@bulkhead/database/admin-client';
import { openRawPublisher } from '@bulkhead/messaging/conformance/raw-publisher';
import { createNames } from '@bulkhead/messaging/rabbitmq/topology';
import { connect } from 'amqplib';
import { readPlaces } from '../local/places';
import type { Queues } from './describe-garbage';

/** Queues as tables of each service's database. */
export function tableQueues(dataDir: string): Queues {
  const ask = async (service: string, text: string, values: readonly unknown[]) => {
    const { databases } = await readPlaces(dataDir);
    const url = (databases as Record<string, string>)[service]!;
    return withClient(url, (client) => client.query<{ count: number }>({ text, values: [...values] }));
  };
  /** Only what the columns can hold: text without NUL. */
  const text = (bytes: Buffer | undefined) => (bytes?.toString() ?? '').replaceAll('\0', '');
  return {
    async put({ group, service }, deliveries) {
      const rows = deliveries.map(({ properties, body }) => ({
        id: `${randomUUID()} ${text(properties.messageId)}`,
        type: text(properties.type),
        body: text(body),
      }));
      await ask(
        service,
        `insert into delivery (consumer_group, message_id, event_type, body)
          select $1, id, type, body from unnest($2::text[], $3::text[], $4::text[]) as row (id, type, body)`,
        [group, ...(['id', 'type', 'body'] as const).map((column) => rows.map((row) => row[column]))],
      );
      return rows.length;
    },
    async dead({ group, service }) {
      const count = 'select count(*)::int as count from dead_letter where consumer_group = $1';
      return (await ask(service, count, [group])).rows[0]!.count;
    },
    async clear({ group, service }) {
      await ask(service, 'delete from dead_letter where consumer_group = $1', [group]);
    },
  };
}

/** Queues of RabbitMQ, as an administrator. @param prefix of their names, as set for the shop by RABBITMQ_PREFIX */
export async function brokerQueues(
  url: string,
  prefix: string,
): Promise<Queues & { close(): Promise<void> }> {
  const { queue, deadQueue } = createNames(prefix || 'bulkhead.');
  const connection = await connect(url);
  const channel = await connection.createChannel();
  // Each call reports its own failure.
  channel.on('error', () => undefined);
  let publisher = openRawPublisher(url);
  return {
    async put({ group }, deliveries) {
      let taken = 0;
      for (const delivery of deliveries) {
        if (await (await publisher).publish(queue(group), delivery)) taken += 1;
        // A rejected message closes the connection.
        else publisher = openRawPublisher(url);
      }
      return taken;
    },
    dead: async ({ group }) => (await channel.checkQueue(deadQueue(group))).messageCount,
    async clear({ group }) {
      await channel.purgeQueue(deadQueue(group));
    },
    async close() {
      (await publisher).close();
      await connection.close();
    },
  };
}
