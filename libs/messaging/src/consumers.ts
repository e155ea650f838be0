import type { EventDefinition } from '@bulkhead/contracts/event';
import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { countBeginning } from './beginnings';
import { createBatchRunner, createRunner } from './consumer-runner';
import { type ConsumerPoint, createGroupConsumer } from './group-consumer';
import { createHandlerPlaces } from './handler-places';
import { type MessagingObserver, noSpan, type RunInSpan } from './observer';
import type { Subscription } from './subscription';
import type { Transport } from './transport';

/** Of the connections of a pool, what messages may take. */
const shareOfPool = 0.8;
/** Messages of a group that are handled together where its handler can, and how many such batches run at once. */
const maxBatchSize = 50;
const batchesAtOnce = 1;

export interface ConsumersOptions {
  readonly transport: Pick<Transport, 'source' | 'retryDelaysMs' | 'spanAttributes'>;
  /** The database of the service: its inbox, and what handlers write. */
  readonly database: Database;
  readonly subscriptions: readonly Subscription[];
  /** Every event of the shop, by type. */
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  readonly runInSpan?: RunInSpan;
  /** Messages in hand per group. Default 100. */
  readonly prefetch?: number;
  /** Messages handled at once per group, as far as there are places. Default 4. */
  readonly concurrency?: number;
  /**
   * Connections of the database's pool, of which a message takes one while it is handled. The groups together take four
   * fifths of them at most, so that requests and jobs are served whatever the handlers wait for.
   */
  readonly poolSize: number;
  /** Longest run of a handler, ms. Default 30,000. */
  readonly handlerTimeoutMs?: number;
  /** Shortest and longest wait between two probes while paused, ms. Default 500 and 30,000. */
  readonly probeMs?: { readonly min: number; readonly max: number };
  /** Longest time a message is held while paused before it goes back to its queue, ms. Default 600,000. */
  readonly maxHoldMs?: number;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
  /** Awaited between handling and ack; tests end the process here. */
  readonly checkpoint?: (point: ConsumerPoint) => Promise<void>;
}

export interface Consumers {
  start(): void;
  /** Groups that wait for a dependency now, with its name. */
  paused(): ReadonlyMap<string, string>;
  /**
   * Takes no more messages, lets the handlers in hand finish and acks them. After `graceMs` (default 10,000) their
   * signals abort; what is not done by then is delivered again, later.
   */
  stop(graceMs?: number): Promise<void>;
}

/** The consumers of one service: every subscription with its queue. */
export function createConsumers(options: ConsumersOptions): Consumers {
  const { transport, database, catalog, clock, checkpoint } = options;
  const observer = options.observer ?? {};
  const placesOfNext = createHandlerPlaces({
    groups: options.subscriptions.length,
    perGroup: options.concurrency ?? 4,
    total: Math.floor(options.poolSize * shareOfPool),
  });
  const groups = options.subscriptions.map((subscription) => {
    const { group } = subscription.definition;
    const runnerOptions = {
      subscription,
      database,
      catalog,
      clock,
      observer,
      runInSpan: options.runInSpan ?? noSpan,
      spanAttributes: transport.spanAttributes,
      handlerTimeoutMs: options.handlerTimeoutMs ?? 30_000,
    };
    const run = createRunner(runnerOptions);
    const consumer = createGroupConsumer({
      group,
      run,
      runBatch: createBatchRunner(runnerOptions, run),
      maxBatch: subscription.handleAll ? maxBatchSize : 1,
      count: (messageId) => countBeginning(database, group, messageId),
      openSource: (onMessage) =>
        transport.source(subscription.definition, { prefetch: options.prefetch ?? 100, onMessage }),
      retryDelaysMs: transport.retryDelaysMs,
      // What comes while a batch runs makes the next one.
      places: placesOfNext(subscription.handleAll ? batchesAtOnce : undefined),
      probeMs: options.probeMs ?? { min: 500, max: 30_000 },
      maxHoldMs: options.maxHoldMs ?? 600_000,
      clock,
      observer,
      random: options.random ?? Math.random,
      ...(checkpoint && { checkpoint }),
    });
    return { group, consumer };
  });

  return {
    start() {
      for (const { consumer } of groups) consumer.start();
    },
    paused() {
      const waiting = new Map<string, string>();
      for (const { group, consumer } of groups) {
        const dependency = consumer.pausedBy();
        if (dependency !== undefined) waiting.set(group, dependency);
      }
      return waiting;
    },
    async stop(graceMs = 10_000) {
      await Promise.all(groups.map(({ consumer }) => consumer.stop(graceMs)));
    },
  };
}
