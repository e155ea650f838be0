import type { ShopPlaces } from '@bulkhead/app/monolith/src/local/places';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Queryable } from '@bulkhead/database/database';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createDeadLetterTable } from '@bulkhead/messaging/inprocess/delivery-table';
import { connectToAny } from '@bulkhead/messaging/rabbitmq/connect';
import { createNames, defaultRetryDelaysMs } from '@bulkhead/messaging/rabbitmq/topology';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import type { DeadLetter } from '@bulkhead/messaging/transport';
import { systemClock } from '@bulkhead/resilience/clock';
import type { GivenLogins } from '@bulkhead/resilience/logins';
import type { AcknowledgedOrder } from './acknowledged';
import { openMailbox } from './mailbox';
import type { Charge, QueueDepth, ShopView } from './shop-view';

export interface OpenOptions {
  readonly acknowledged?: readonly AcknowledgedOrder[];
  readonly explained?: readonly string[];
  /** Default 16 min: the quarter of an hour that an order may be pending, and what its compensation takes. */
  readonly orderBoundMs?: number;
  /** The shop's ladder of retries, ms; names its wait queues. */
  readonly retryDelaysMs?: readonly number[];
}

export interface OpenShop extends ShopView {
  close(): Promise<void>;
}

const groups = Object.values(subscriptions);
const statementTimeoutMs = 60_000;
const maxDeadLetters = 1_000;

/** Where to read. Logins of databases may be several, and change, as services have them. */
type ReadPlaces = Omit<ShopPlaces, 'databases'> & {
  readonly databases: Partial<Record<ServiceName, GivenLogins>>;
};

/** Opens everything the shop keeps, to be read only. */
export function openShop(places: ReadPlaces, options: OpenOptions = {}): OpenShop {
  const databases = new Map<ServiceName, PooledDatabase>(
    Object.entries(places.databases).map(([service, url]) => [
      service as ServiceName,
      createDatabase({ url, applicationName: 'invariants', poolSize: 2 }),
    ]),
  );
  const ask: ShopView['ask'] = async <Row extends object>(
    service: ServiceName,
    text: string,
    values: readonly unknown[] = [],
  ) => {
    const database = databases.get(service);
    if (!database) throw new Error(`the database of ${service} is not known here`);
    return (await readOnly(database).query<Row>({ text, values })).rows;
  };
  const { broker, providerUrl, mailbox } = places;

  return {
    services: [...databases.keys()],
    ask,
    acknowledged: options.acknowledged ?? [],
    explained: new Set(options.explained),
    orderBoundMs: options.orderBoundMs ?? 16 * 60_000,
    charges: providerUrl === undefined ? undefined : () => readCharges(providerUrl),
    mailbox: mailbox === undefined ? undefined : openMailbox(mailbox),
    queues: () =>
      broker
        ? brokerQueues(broker, options.retryDelaysMs ?? defaultRetryDelaysMs)
        : deliveryTables(databases.keys(), ask),
    deadLetters: () => (broker ? brokerDeadLetters(broker) : tableDeadLetters(databases)),
    async close() {
      await Promise.all([...databases.values()].map((database) => database.close()));
    },
  };
}

/** What only reads must not be able to write, whatever it is given. */
const readOnly = (database: PooledDatabase): Queryable => ({
  query: (statement) =>
    database.transaction(
      async (tx) => {
        await tx.query({ text: `set local statement_timeout = ${statementTimeoutMs}` });
        return tx.query(statement);
      },
      { readOnly: true },
    ),
});

async function readCharges(url: string): Promise<Charge[]> {
  const response = await fetch(new URL('/charges', url), { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`the payment provider at ${url} answered ${response.status}`);
  return ((await response.json()) as { items: Charge[] }).items;
}

type Broker = NonNullable<ShopPlaces['broker']>;

async function brokerQueues({ url, ca, prefix }: Broker, delays: readonly number[]): Promise<QueueDepth[]> {
  const names = createNames(prefix ?? 'bulkhead.');
  const wanted = groups.flatMap(({ group }) => [
    names.queue(group),
    ...delays.map((delay) => names.waitQueue(group, delay)),
  ]);
  const connection = await connectToAny({ url, ca });
  try {
    const depths: QueueDepth[] = [];
    for (const queue of wanted) {
      // A queue that is not there closes the channel.
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      const found = await channel.checkQueue(queue).catch(() => undefined);
      if (found) {
        depths.push({ queue, messages: found.messageCount });
        await channel.close();
      }
    }
    return depths;
  } finally {
    await connection.close();
  }
}

async function deliveryTables(services: Iterable<ServiceName>, ask: ShopView['ask']): Promise<QueueDepth[]> {
  const depths: QueueDepth[] = [];
  for (const service of services) {
    const waiting = new Map(
      (
        await ask<QueueDepth>(
          service,
          'select consumer_group as queue, count(*)::int as messages from delivery group by consumer_group',
        )
      ).map(({ queue, messages }) => [queue, messages]),
    );
    for (const { group } of groups.filter((each) => each.service === service))
      depths.push({ queue: group, messages: waiting.get(group) ?? 0 });
  }
  return depths;
}

async function brokerDeadLetters({ url, ca, prefix }: Broker): Promise<DeadLetter[]> {
  const transport = createRabbitMqTransport({
    url,
    ...(ca === undefined ? {} : { ca }),
    ...(prefix === undefined ? {} : { prefix }),
    topology: 'none',
    service: 'gateway',
    subscriptions: groups,
    clock: systemClock,
  });
  try {
    const found: DeadLetter[] = [];
    for (const { group } of groups) found.push(...(await transport.deadLetters.list(group, maxDeadLetters)));
    return found;
  } finally {
    await transport.close();
  }
}

async function tableDeadLetters(databases: ReadonlyMap<ServiceName, PooledDatabase>): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  for (const { group, service } of groups) {
    const database = databases.get(service);
    if (database)
      found.push(
        ...(await createDeadLetterTable(() => ({ ...database, ...readOnly(database) })).list(
          group,
          maxDeadLetters,
        )),
      );
  }
  return found;
}
