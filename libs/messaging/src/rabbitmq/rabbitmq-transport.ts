import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import type { GivenLogins } from '@bulkhead/resilience/logins';
import type { ConsumeMessage } from 'amqplib';
import { maxEventBytes } from '../event-codec';
import type { MessagingObserver } from '../observer';
import { reasonText } from '../reason-text';
import {
  type IncomingMessage,
  MessageRefused,
  type OutboxRow,
  type PublishOutcome,
  type Transport,
} from '../transport';
import { openConnection } from './connection';
import { createDeadLetterQueue } from './dead-letter-queue';
import { copiedProperties } from './fit';
import { attemptHeader, deadAtHeader, reasonHeader, suspectHeader } from './headers';
import { createPublisher, type Fate } from './publisher';
import type { ClientCertificate } from './login';
import { createQueueStates } from './queue-states';
import { createQueueSource, type QueueSource } from './queue-source';
import { createPutBack } from './put-back';
import { createNames, defaultRetryDelaysMs } from './topology';
import { createStallWatch, type StallWatch } from './stall-watch';
import { createTopologyOf, type TopologyMode } from './topology-of-service';

export interface RabbitMqTransportOptions {
  /**
   * One URL or several; see `brokerAddresses`. Several sets of credentials during a password change. A function is
   * called for each attempt to connect.
   */
  readonly url: GivenLogins;
  /** Certificate authorities in PEM to trust for amqps, instead of the well-known ones; also as a function. */
  readonly ca?: string | Buffer | (() => string);
  /** A client certificate, if the broker asks for one; called for each attempt to connect. */
  readonly certificate?: () => ClientCertificate;
  /** The service that sends and consumes; its name is used for the connections and the declared queues. */
  readonly service: ServiceName;
  /** All subscriptions of the shop: the topology. */
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** Prefix of the names of the exchange and all queues. Default 'bulkhead.'. */
  readonly prefix?: string;
  /** Retry delays, ms; each has its own queue per group, so another value is another queue. */
  readonly retryDelaysMs?: readonly number[];
  /** Maximum number of unconfirmed messages. Default 300. */
  readonly window?: number;
  /** Timeout of a confirm, ms. Default 10,000. */
  readonly confirmTimeoutMs?: number;
  /** Minimum and maximum delay between two attempts to connect, ms. Default 100 and 5,000. */
  readonly reconnectMs?: { readonly min: number; readonly max: number };
  /** Who declares the exchanges and queues. Default `declare`. */
  readonly topology?: TopologyMode;
  /** How long a connected broker may do nothing before it counts as stalled, ms. Default 5,000. */
  readonly stalledAfterMs?: number;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
}

const contentType = 'application/cloudevents+json';

/** A missing exchange, or a user who may not publish, says nothing about a row of the outbox. */
function outcomeOf(fate: Fate): PublishOutcome {
  if (fate.kind === 'confirmed') return fate;
  if (fate.kind === 'unroutable') return { kind: 'failed', reason: 'unroutable' };
  if (fate.kind === 'unfit') return { kind: 'failed', reason: reasonText(fate.reason) };
  return { kind: 'unavailable' };
}

/** Refusals after which a retry becomes a dead letter. A full queue is not one of them: it will have room again. */
const ofMessage: ReadonlySet<Fate['kind']> = new Set(['unfit', 'unroutable', 'refused'] as const);
/**
 * Refusals after which the broker dead-letters the message, keeping it in the group's queue until the dead letters
 * accept it.
 */
const ofDeadLetter: ReadonlySet<Fate['kind']> = new Set([...ofMessage, 'nacked']);

/** What happens to messages on a broker that is connected but not working. */
const takesNothing: ReadonlySet<Fate['kind']> = new Set(['nacked', 'unavailable', 'refused'] as const);

const notTaken = (fate: Fate): Error =>
  new Error(
    'reason' in fate
      ? fate.reason
      : `the broker ${fate.kind === 'nacked' ? 'refuses' : 'does not confirm'} messages: queues are full, or have lost most of their nodes`,
  );

/** A connection that opens, closes or is no longer blocked says nothing about whether the broker works. */
const resetting = (observer: MessagingObserver, reset: () => void): MessagingObserver => ({
  ...observer,
  connection(event) {
    reset();
    observer.connection?.(event);
  },
});

/** One connection consumes for all groups: it is stalled while any of them is. */
function createReadingWatches(
  stallWatch: (tell: Pick<Parameters<typeof createStallWatch>[0], 'onStalled' | 'onRecovered'>) => StallWatch,
  tell: (state: 'stalled' | 'recovered', error?: unknown) => void,
) {
  const watches = new Map<string, StallWatch>();
  const stalled = new Set<string>();
  const recovered = (group: string) => {
    if (stalled.delete(group) && stalled.size === 0) tell('recovered');
  };
  return {
    of(group: string): StallWatch {
      const watch = stallWatch({
        onStalled(error) {
          stalled.add(group);
          tell('stalled', error);
        },
        onRecovered: () => recovered(group),
      });
      watches.set(group, watch);
      return watch;
    },
    forget(group: string) {
      watches.delete(group);
      recovered(group);
    },
    reset() {
      stalled.clear();
      for (const watch of watches.values()) watch.reset();
    },
  };
}

/**
 * Events over RabbitMQ (3.10 and later). Connects in the background, and again whenever a connection is lost.
 * Publishing and consuming have one connection each, so that a blocked publisher does not stop acks.
 */
export function createRabbitMqTransport(options: RabbitMqTransportOptions): Transport {
  const { clock, service, subscriptions } = options;
  const observer = options.observer ?? {};
  const random = options.random ?? Math.random;
  const names = createNames(options.prefix ?? 'bulkhead.');
  const retryDelaysMs = options.retryDelaysMs ?? defaultRetryDelaysMs;
  const heard = new Set(subscriptions.flatMap(({ events }) => events.map(({ type }) => type)));
  const sources = new Set<QueueSource>();

  const topology = createTopologyOf({
    service,
    subscriptions,
    names,
    retryDelaysMs,
    mode: options.topology ?? 'declare',
  });

  const shared = {
    url: options.url,
    clock,
    random,
    ...(options.ca !== undefined && { ca: options.ca }),
    certificate: options.certificate,
    ...(options.reconnectMs && { reconnectMs: options.reconnectMs }),
  };
  const stallWatch = (
    tell: Pick<Parameters<typeof createStallWatch>[0], 'onStalled' | 'onRecovered'>,
  ): StallWatch =>
    createStallWatch({
      clock,
      ...tell,
      ...(options.stalledAfterMs !== undefined && { afterMs: options.stalledAfterMs }),
    });
  const connectionNames = { sending: `${service} sending`, reading: `${service} reading` };
  const sendingWatch = stallWatch({
    onStalled: (error) => observer.connection?.({ name: connectionNames.sending, state: 'stalled', error }),
    onRecovered: () => observer.connection?.({ name: connectionNames.sending, state: 'recovered' }),
  });
  const readingWatches = createReadingWatches(stallWatch, (state, error) =>
    observer.connection?.({ name: connectionNames.reading, state, error }),
  );
  const sending = openConnection({
    ...shared,
    name: connectionNames.sending,
    observer: resetting(observer, () => sendingWatch.reset()),
  });
  const reading = openConnection({
    ...shared,
    name: connectionNames.reading,
    observer: resetting(observer, () => readingWatches.reset()),
    onConnected: () => {
      for (const source of sources) source.reopen();
    },
  });
  let undeclared: unknown;
  const publisher = createPublisher({
    connection: sending,
    clock,
    window: options.window ?? 300,
    confirmTimeoutMs: options.confirmTimeoutMs ?? 10_000,
    declare: async (_channel, model) => {
      undeclared = undefined;
      await topology.declare(model).catch((error: unknown) => {
        undeclared = error;
        observer.trouble?.({ where: 'declaring the topology', error });
        throw error;
      });
    },
    onRefused: (error) => observer.trouble?.({ where: 'publishing', error }),
  });

  const publish: typeof publisher.publish = async (message) => {
    const startedAt = clock.monotonic();
    const isUsable = sending.current() !== undefined && !sending.isBlocked();
    const fate = await publisher.publish(message);
    if (!takesNothing.has(fate.kind)) sendingWatch.worked();
    // Without a connection the reason is already known.
    else if (isUsable && sending.current() && !sending.isBlocked())
      sendingWatch.failed(undeclared ?? notTaken(fate), clock.monotonic() - startedAt);
    return fate;
  };

  const publishRow = (row: OutboxRow): Promise<PublishOutcome> => {
    const body = Buffer.from(row.payload);
    if (body.length > maxEventBytes) return Promise.resolve({ kind: 'failed', reason: 'too-large' });
    const message = {
      exchange: names.exchange,
      routingKey: row.type,
      body,
      // An event without subscribers is not an error; one with subscribers must reach a queue.
      mandatory: heard.has(row.type),
      properties: { messageId: row.id, type: row.type, contentType, persistent: true },
    };
    return publish(message).then(outcomeOf);
  };

  const putBack = createPutBack({ publish, names });

  /** Publishes a message again to one queue of its group and requires a confirm. */
  const pass = async (
    group: string,
    queue: string,
    { messageId, body }: IncomingMessage,
    original: ConsumeMessage,
    headers: Record<string, unknown>,
    refusals: ReadonlySet<Fate['kind']>,
  ): Promise<void> => {
    const properties = { messageId, ...copiedProperties(original.properties), persistent: true, headers };
    const fate = await putBack(group, queue, body, properties);
    if (fate.kind === 'confirmed') return;
    const error = `${queue} did not take the message: ${'reason' in fate ? fate.reason : fate.kind}`;
    throw refusals.has(fate.kind) ? new MessageRefused(error) : new Error(error);
  };

  return {
    retryDelaysMs,
    publish: (rows) => Promise.all(rows.map(publishRow)),
    spanAttributes: (type, group) => ({
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': [names.exchange, type, ...(group ? [names.queue(group)] : [])].join(':'),
      'messaging.rabbitmq.destination.routing_key': type,
    }),
    source(definition, { prefetch, onMessage }) {
      const { group } = definition;
      const source = createQueueSource({
        queue: names.queue(group),
        exchange: names.exchange,
        connection: reading,
        prefetch,
        onMessage,
        clock,
        observer,
        random,
        ...(options.reconnectMs && { reconnectMs: options.reconnectMs }),
        declare: (model) => topology.declareGroup(model, definition),
        watch: readingWatches.of(group),
        retry: (message, original, delayIndex, attempt) =>
          pass(
            group,
            names.waitQueue(group, retryDelaysMs[delayIndex] ?? 0),
            message,
            original,
            { [attemptHeader]: attempt },
            ofMessage,
          ),
        putBack: (message, original) =>
          pass(
            group,
            names.queue(group),
            message,
            original,
            { [attemptHeader]: message.attempt, [suspectHeader]: true },
            ofMessage,
          ),
        dead: (message, original, reason) =>
          pass(
            group,
            names.deadQueue(group),
            message,
            original,
            {
              [attemptHeader]: message.attempt,
              [reasonHeader]: reason,
              [deadAtHeader]: new Date(clock.now()).toISOString(),
            },
            ofDeadLetter,
          ),
      });
      sources.add(source);
      return {
        ...source,
        async close() {
          sources.delete(source);
          readingWatches.forget(group);
          await source.close();
        },
      };
    },
    deadLetters: createDeadLetterQueue({ connection: sending, clock, names, putBack }),
    queueStates: createQueueStates(reading, names),
    async close() {
      await Promise.all([sending.close(), reading.close()]);
    },
  };
}
