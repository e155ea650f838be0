import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { maxEventBytes } from '../event-codec';
import type { MessagingObserver } from '../observer';
import { defaultRetryDelaysMs } from '../rabbitmq/topology';
import type { OutboxRow, PublishOutcome, Transport } from '../transport';
import { createDeliverySource, type DeliverySource } from './delivery-source';
import { createDeadLetterTable, createDeliveryTable, type NewDelivery } from './delivery-table';

export interface InProcessTransportOptions {
  /** The database of every service that has subscriptions. */
  readonly databases: Partial<Readonly<Record<ServiceName, Database>>>;
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** Retry delays, ms. */
  readonly retryDelaysMs?: readonly number[];
  /** Lease of a delivery, ms; renewed while it is in progress. Default 30,000. */
  readonly leaseMs?: number;
  /** Polling interval of the queues when nothing wakes them, ms. Default 500. */
  readonly sweepMs?: number;
}

/**
 * Events between services of one process, as durable as on a broker: a queue is rows in the consuming service's own
 * database. One transport serves all services of the process.
 * @throws Error when a service with subscriptions has no database here
 */
export function createInProcessTransport(options: InProcessTransportOptions): Transport {
  const { databases, subscriptions, clock } = options;
  const observer = options.observer ?? {};
  const retryDelaysMs = options.retryDelaysMs ?? defaultRetryDelaysMs;
  const sources = new Map<string, Set<DeliverySource>>();
  const closing = new AbortController();

  const databaseOf = (group: string): Database => {
    const subscription = subscriptions.find((candidate) => candidate.group === group);
    const database = subscription && databases[subscription.service];
    if (!database) throw new Error(`no database here holds the queue of ${group}`);
    return database;
  };
  /** One table per database, however many services share it. */
  const tables = new Map(
    [...new Set(subscriptions.map(({ group }) => databaseOf(group)))].map((database) => [
      database,
      createDeliveryTable(database),
    ]),
  );
  const tableOf = (group: string) => tables.get(databaseOf(group)) ?? createDeliveryTable(databaseOf(group));
  const groupsOf = new Map<string, string[]>();
  for (const { group, events } of subscriptions) {
    for (const { type } of events) groupsOf.set(type, [...(groupsOf.get(type) ?? []), group]);
  }

  const wake = (group: string) => {
    for (const source of sources.get(group) ?? []) source.wake();
  };

  async function publish(rows: readonly OutboxRow[]): Promise<readonly PublishOutcome[]> {
    const outcomes: PublishOutcome[] = rows.map(({ payload }) =>
      Buffer.byteLength(payload) > maxEventBytes
        ? { kind: 'failed', reason: 'too-large' }
        : { kind: 'confirmed' },
    );
    const stores = [...tables].map(async ([database, table]) => {
      const indexes: number[] = [];
      const deliveries: NewDelivery[] = [];
      for (const [index, { id, type, payload }] of rows.entries()) {
        if (outcomes[index]?.kind !== 'confirmed') continue;
        const groups = (groupsOf.get(type) ?? []).filter((group) => databaseOf(group) === database);
        if (groups.length > 0) indexes.push(index);
        for (const group of groups) deliveries.push({ group, messageId: id, type, body: payload });
      }
      if (deliveries.length === 0) return;
      try {
        await table.store(deliveries);
        for (const group of new Set(deliveries.map((delivery) => delivery.group))) wake(group);
      } catch (error) {
        observer.trouble?.({ where: 'storing deliveries', error });
        for (const index of indexes) outcomes[index] = { kind: 'unavailable' };
      }
    });
    await Promise.all(stores);
    return outcomes;
  }

  async function sweep(table: { due(): Promise<readonly string[]> }): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(options.sweepMs ?? 500, closing.signal).catch(() => undefined);
      if (closing.signal.aborted || sources.size === 0) continue;
      try {
        for (const group of await table.due()) wake(group);
      } catch (error) {
        observer.trouble?.({ where: 'looking for due deliveries', error });
      }
    }
  }
  const sweeps = Promise.all([...tables.values()].map(sweep));

  return {
    retryDelaysMs,
    publish,
    spanAttributes: (type, group) => ({
      'messaging.system': 'in_process',
      'messaging.destination.name': group === undefined ? type : `${type}:${group}`,
    }),
    source({ group }, { prefetch, onMessage }) {
      const source = createDeliverySource({
        group,
        table: tableOf(group),
        retryDelaysMs,
        leaseMs: options.leaseMs ?? 30_000,
        prefetch,
        onMessage,
        clock,
        observer,
      });
      const ofGroup = sources.get(group) ?? new Set();
      sources.set(group, ofGroup.add(source));
      return {
        ...source,
        async close() {
          ofGroup.delete(source);
          await source.close();
        },
      };
    },
    deadLetters: createDeadLetterTable(databaseOf, wake),
    async queueStates(groups) {
      const states = [...tables].map(([database, table]) =>
        table.states(groups.filter((group) => databaseOf(group) === database)),
      );
      return (await Promise.all(states)).flat();
    },
    async close() {
      closing.abort();
      await sweeps;
      await Promise.all(
        [...sources.values()].flatMap((ofGroup) => [...ofGroup].map((source) => source.close())),
      );
    },
  };
}
