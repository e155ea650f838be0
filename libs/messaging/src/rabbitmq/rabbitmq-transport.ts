import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
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
import { attemptHeader, deadAtHeader, reasonHeader } from './headers';
import { createPublisher, type Fate } from './publisher';
import { readQueueStates } from './queue-states';
import { createQueueSource, type QueueSource } from './queue-source';
import { createPutBack } from './put-back';
import { createNames, defaultRetryDelaysMs } from './topology';
import { createTopologyOf } from './topology-of-service';

export interface RabbitMqTransportOptions {
  /** amqp:// or amqps:// */
  readonly url: string;
  /** Certificate authorities in PEM to trust for amqps, instead of the well-known ones. */
  readonly ca?: string | Buffer;
  /** The service that sends and reads here; names its connections, and what it declares. */
  readonly service: ServiceName;
  /** All subscriptions of the shop: the topology. */
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly clock: Clock;
  readonly observer?: MessagingObserver;
  /** Begins the names of the exchange and all queues. Default 'bulkhead.'. */
  readonly prefix?: string;
  /** The ladder, ms; each delay has its queue per group, so another value is another queue. */
  readonly retryDelaysMs?: readonly number[];
  /** Unconfirmed messages at once. Default 300. */
  readonly window?: number;
  /** Longest wait for a confirm, ms. Default 10,000. */
  readonly confirmTimeoutMs?: number;
  /** Shortest and longest wait between two attempts to reach the broker, ms. Default 100 and 5,000. */
  readonly reconnectMs?: { readonly min: number; readonly max: number };
  /** False where an operator made the topology and the service's user may not. Default true. */
  readonly declareTopology?: boolean;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
}

const contentType = 'application/cloudevents+json';

/** A broker without the exchange, or that does not let its user publish, says nothing about a row of the outbox. */
function outcomeOf(fate: Fate): PublishOutcome {
  if (fate.kind === 'confirmed') return fate;
  if (fate.kind === 'unroutable') return { kind: 'failed', reason: 'unroutable' };
  if (fate.kind === 'unfit') return { kind: 'failed', reason: reasonText(fate.reason) };
  return { kind: 'unavailable' };
}

/** What a retry is given up for, in favour of a dead letter. A full queue is none of it: there will be room. */
const ofMessage: ReadonlySet<Fate['kind']> = new Set(['unfit', 'unroutable', 'refused'] as const);
/** What a dead letter is left to the broker for, which keeps it in the group's queue until the dead letters take it. */
const ofDeadLetter: ReadonlySet<Fate['kind']> = new Set([...ofMessage, 'nacked']);

/**
 * Events over RabbitMQ (3.10 and later). Connects in the background, one connection for sending and one for reading so
 * that a blocked sender does not stop acks, and again whenever a connection is lost.
 */
export function createRabbitMqTransport(options: RabbitMqTransportOptions): Transport {
  const { clock, service, subscriptions } = options;
  const observer = options.observer ?? {};
  const random = options.random ?? Math.random;
  const names = createNames(options.prefix ?? 'bulkhead.');
  const retryDelaysMs = options.retryDelaysMs ?? defaultRetryDelaysMs;
  const heard = new Set(subscriptions.flatMap(({ events }) => events.map(({ type }) => type)));
  const sources = new Set<QueueSource>();

  const topology = createTopologyOf({ service, subscriptions, names, retryDelaysMs });
  const declares = options.declareTopology !== false;

  const shared = {
    url: options.url,
    clock,
    observer,
    random,
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.reconnectMs && { reconnectMs: options.reconnectMs }),
  };
  const sending = openConnection({ ...shared, name: `${service} sending` });
  const reading = openConnection({
    ...shared,
    name: `${service} reading`,
    onConnected: () => {
      for (const source of sources) source.reopen();
    },
  });
  const publisher = createPublisher({
    connection: sending,
    clock,
    window: options.window ?? 300,
    confirmTimeoutMs: options.confirmTimeoutMs ?? 10_000,
    declare: async (_channel, model) => {
      if (!declares) return;
      await topology.declare(model).catch((error: unknown) => {
        observer.trouble?.({ where: 'declaring the topology', error });
        throw error;
      });
    },
    onRefused: (error) => observer.trouble?.({ where: 'publishing', error }),
  });

  const publishRow = (row: OutboxRow): Promise<PublishOutcome> => {
    const body = Buffer.from(row.payload);
    if (body.length > maxEventBytes) return Promise.resolve({ kind: 'failed', reason: 'too-large' });
    const message = {
      exchange: names.exchange,
      routingKey: row.type,
      body,
      // An event that nobody hears is not an error; one that somebody hears must reach a queue.
      mandatory: heard.has(row.type),
      properties: { messageId: row.id, type: row.type, contentType, persistent: true },
    };
    return publisher.publish(message).then(outcomeOf);
  };

  const putBack = createPutBack({ publish: publisher.publish, names });

  /** Publishes a message anew to one queue of its group, and insists on the confirm. */
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
        declare: async (model) => {
          if (declares) await topology.declareGroup(model, definition);
        },
        retry: (message, original, delayIndex, attempt) =>
          pass(
            group,
            names.waitQueue(group, retryDelaysMs[delayIndex] ?? 0),
            message,
            original,
            { [attemptHeader]: attempt },
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
          await source.close();
        },
      };
    },
    deadLetters: createDeadLetterQueue({ connection: sending, clock, names, putBack }),
    queueStates: (groups) => readQueueStates(sending, names, groups),
    async close() {
      await Promise.all([sending.close(), reading.close()]);
    },
  };
}
