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

/** The share of a pool's connections that messages may use. */
const shareOfPool = 0.8;
/**
 * How many messages of a group are handled together if its handler supports it, and how many such batches run
 * concurrently.
 */
const maxBatchSize = 50;
const batchesAtOnce = 1;

export interface ConsumersOptions {
  readonly transport: Pick<Transport, 'source' | 'retryDelaysMs' | 'spanAttributes'>;
  /** The service's database: its inbox, and what handlers write. */
  readonly database: Database;
  readonly subscriptions: readonly Subscription[];
  /** Every event of the shop, by type. */
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  readonly runInSpan?: RunInSpan;
  /** Prefetch count per group. Default 100. */
  readonly prefetch?: number;
  /** Maximum number of messages handled concurrently per group, within the available slots. Default 4. */
  readonly concurrency?: number;
  /**
   * Size of the database's connection pool. A message uses one connection while it is handled. All groups together use
   * at most four fifths of them, so that requests and jobs are served whatever the handlers wait for.
   */
  readonly poolSize: number;
  /** Timeout of a handler, ms. Default 30,000. */
  readonly handlerTimeoutMs?: number;
  /** Minimum and maximum delay between two probes while paused, ms. Default 500 and 30,000. */
  readonly probeMs?: { readonly min: number; readonly max: number };
  /** How long a message is held while paused before it is returned to its queue, ms. Default 600,000. */
  readonly maxHoldMs?: number;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
  /** Awaited between handling and ack; tests end the process here. */
  readonly checkpoint?: (point: ConsumerPoint) => Promise<void>;
}

export interface Consumers {
  start(): void;
  /** Groups that are waiting for a dependency, with its name. */
  paused(): ReadonlyMap<string, string>;
  /**
   * Stops consuming, lets running handlers finish and acks their messages. After `graceMs` (default 10,000) their
   * signals abort; whatever is unfinished by then is redelivered later.
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
      // Messages that arrive while a batch runs form the next one.
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
