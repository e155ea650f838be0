import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CloudEvent, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { uuidv7 } from 'uuidv7';
import { type Consumers, type ConsumersOptions, createConsumers } from '../consumers';
import type { MessagingObserver } from '../observer';
import { createOutbox } from '../outbox-writer';
import { createRelay, type Relay, type RelayOptions } from '../relay';
import type { Delivery } from '../subscription';
import type { Transport } from '../transport';
import type { RawDelivery } from './any-delivery';
import { catalog, index, mails, placed } from './shop';

/** What a transport must provide for the suite. */
export interface Carrier {
  /** The transport in a process of that service. Fresh queues for every world. */
  connect(service: ServiceName, world: Databases, observer: MessagingObserver): Transport;
  /** Puts arbitrary bytes into a group's queue. */
  inject(
    group: string,
    message: { readonly id: string; readonly body: Buffer },
    world: Databases,
  ): Promise<void>;
  /** Puts a message with any properties into a group's queue. False if the transport cannot carry it. */
  injectRaw(group: string, delivery: RawDelivery, world: Databases): Promise<boolean>;
  /** Number of messages in a group's queue, including unacknowledged ones. */
  depth(group: string, world: Databases): Promise<number>;
  /** Deletes the queues of the previous world. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The database of the sender, and that of both consumers. */
export interface Databases {
  readonly sender: PooledDatabase;
  readonly reader: PooledDatabase;
}

export type Handle = (event: CloudEvent, delivery: Delivery) => Promise<void>;

const effects =
  'create table effect (consumer_group text not null, event_id uuid not null, number int not null)';
/** The compiled tests run from their own folder. */
const sqlFiles = ['1-tables.sql', '2-outbox-functions.sql'].map((file) =>
  path.join(__dirname, '../../sql', file),
);

export interface TestDatabases extends Databases {
  /** Connection URLs, for separate processes. */
  readonly senderUrl: string;
  readonly readerUrl: string;
  clear(): Promise<void>;
  drop(): Promise<void>;
}

/** Two databases with the tables and functions of messaging, and a table in which handlers record their effects. */
export async function createTestDatabases(): Promise<TestDatabases> {
  const sql = await Promise.all(sqlFiles.map((file) => readFile(file, 'utf8')));
  const open = async (service: string): Promise<{ test: TestDatabase; pool: PooledDatabase }> => {
    const test = await createTestDatabase({ service });
    const pool = createDatabase({ url: test.ownerUrl, applicationName: `conformance ${service}` });
    await pool.pool.query(sql.join('\n'));
    await pool.query({ text: effects });
    return { test, pool };
  };
  const [sender, reader] = [await open('order'), await open('notification')];
  return {
    sender: sender.pool,
    reader: reader.pool,
    senderUrl: sender.test.ownerUrl,
    readerUrl: reader.test.ownerUrl,
    async clear() {
      for (const { pool } of [sender, reader]) {
        await pool.query({ text: 'truncate outbox, inbox, delivery, dead_letter, effect' });
      }
    },
    async drop() {
      for (const { pool, test } of [sender, reader]) {
        await pool.close();
        await test.drop();
      }
    },
  };
}

/** Delays short enough for tests. */
export const fast = {
  retryDelaysMs: [20, 40, 60, 80],
  leaseMs: 400,
  sweepMs: 40,
  backoffMs: { min: 5, max: 50 },
  probeMs: { min: 5, max: 50 },
};

/** A sender and two consumers on one transport, as processes that can be started, stopped and abandoned. */
export function createWorld(carrier: Carrier, databases: Databases) {
  const transports: Transport[] = [];
  const relays: Relay[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  const observed: { kind: string; group?: string; reason?: string; type?: string; where?: string }[] = [];
  const note = (kind: string) => (event: object) => void observed.push({ kind, ...event });
  const observer: MessagingObserver = {
    published: (event) => note(`published ${event.outcome}`)(event),
    handled: (event) => note(`handled ${event.outcome}`)(event),
    dead: note('dead'),
    dropped: note('dropped'),
    retried: note('retried'),
    paused: note('paused'),
    resumed: note('resumed'),
    trouble: note('trouble'),
  };

  const connect = (service: ServiceName) => {
    const transport = carrier.connect(service, databases, observer);
    transports.push(transport);
    return transport;
  };

  const world = {
    observed,
    databases,

    outbox: createOutbox({
      catalog,
      source: 'order',
      clock: systemClock,
      ids: { next: uuidv7 },
      wake: () => undefined,
    }),

    /** Commits one order.placed per number. */
    async place(...numbers: number[]): Promise<void> {
      const events = numbers.map((number) => ({
        definition: placed,
        subject: `order-${number}`,
        aggregateVersion: 1,
        data: { number },
      }));
      await databases.sender.transaction((tx) => world.outbox.append(tx, events));
    },

    startRelay(options: Partial<RelayOptions> = {}): Relay {
      const relay = createRelay({
        database: databases.sender,
        transport: connect('order'),
        clock: systemClock,
        observer,
        ...fast,
        ...options,
      });
      relay.start();
      relays.push(relay);
      stops.push(() => relay.stop());
      return relay;
    },

    /** The handler that records one effect per event; every group has it unless configured otherwise. */
    effect:
      (definition: SubscriptionDefinition): Handle =>
      async (event, { tx }) => {
        await tx.query({
          text: 'insert into effect (consumer_group, event_id, number) values ($1, $2, $3)',
          values: [definition.group, event.id, event.data['number']],
        });
      },

    startConsumers(
      handles: { readonly mails?: Handle; readonly index?: Handle } = {},
      options: Partial<ConsumersOptions> = {},
    ): Consumers {
      const consumers = createConsumers({
        transport: connect('notification'),
        database: databases.reader,
        poolSize: databases.reader.stats().max,
        subscriptions: [
          { definition: mails, handle: handles.mails ?? world.effect(mails) },
          { definition: index, handle: handles.index ?? world.effect(index) },
        ],
        catalog,
        clock: systemClock,
        observer,
        probeMs: fast.probeMs,
        ...options,
      });
      consumers.start();
      stops.push(() => consumers.stop(500));
      return consumers;
    },

    /** Only transports: for dead letters and single sends. */
    connect,

    inject: (group: string, id: string, body: Buffer | string) =>
      carrier.inject(group, { id, body: Buffer.from(body) }, databases),

    injectRaw: (group: string, delivery: RawDelivery) => carrier.injectRaw(group, delivery, databases),

    /** Numbers with an effect in a group, sorted; a duplicate is a double effect. */
    async effects(definition: SubscriptionDefinition): Promise<number[]> {
      const { rows } = await databases.reader.query<{ number: number }>({
        text: 'select number from effect where consumer_group = $1 order by number',
        values: [definition.group],
      });
      return rows.map(({ number }) => number);
    },

    /** Waits until exactly these effects are recorded and nothing is in flight any more. */
    async settledWith(numbers: readonly number[]): Promise<void> {
      const sorted = [...numbers].sort((a, b) => a - b);
      await eventually(
        async () => {
          expect(await world.effects(mails)).toEqual(sorted);
          expect(await world.effects(index)).toEqual(sorted);
          expect(await world.unsent()).toBe(0);
          expect(await carrier.depth(mails.group, databases)).toBe(0);
          expect(await carrier.depth(index.group, databases)).toBe(0);
        },
        { timeoutMs: 20_000 },
      );
    },

    async unsent(): Promise<number> {
      const { rows } = await databases.sender.query<{ count: number }>({
        text: 'select count(*)::int as count from outbox where sent_at is null',
      });
      return rows[0]?.count ?? -1;
    },

    /** Simulates killed processes: connections end without a clean shutdown. */
    async abandon(): Promise<void> {
      // A dead relay claims nothing more; one that hangs at its crash point never resolves.
      for (const relay of relays.splice(0)) void relay.stop();
      stops.length = 0;
      await Promise.all(transports.splice(0).map((transport) => transport.close()));
    },

    async stop(): Promise<void> {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await Promise.all(transports.splice(0).map((transport) => transport.close()));
    },
  };
  return world;
}

export type World = ReturnType<typeof createWorld>;
