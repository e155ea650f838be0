import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { Channel } from 'amqplib';
import { isReply } from './is-reply';

/** Retry delays of every group: 1 s, 10 s, 1 min, 10 min. */
export const defaultRetryDelaysMs: readonly number[] = [1_000, 10_000, 60_000, 600_000];

const deadLettersKeptMs = 14 * 24 * 60 * 60 * 1_000;
/** Unsettled deliveries before the broker itself dead-letters a message; see `receive` of the queue's source. */
export const crashLimit = 20;
/** Listing dead letters counts as delivering them; it must never use one up. */
const practicallyUnlimited = 1_000_000;

/** Names on the broker. `prefix` includes its separator, such as `bulkhead.`. */
export function createNames(prefix: string) {
  return {
    exchange: `${prefix}events`,
    queue: (group: string) => `${prefix}${group}`,
    waitQueue: (group: string, delayMs: number) => `${prefix}${group}.wait.${delayMs}`,
    deadQueue: (group: string) => `${prefix}${group}.dead`,
    backExchange: (group: string) => `${prefix}${group}.back`,
  };
}

export type Names = ReturnType<typeof createNames>;

export interface Exchange {
  readonly name: string;
  readonly type: 'topic' | 'direct';
}

export interface Queue {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** Binds a queue to an exchange. */
export interface Binding {
  readonly source: string;
  readonly destination: string;
  readonly routingKey: string;
}

/** Everything is durable. */
export interface Topology {
  readonly exchanges: readonly Exchange[];
  readonly queues: readonly Queue[];
  readonly bindings: readonly Binding[];
}

/** Exchange to which every event is published. */
export const eventsTopology = (names: Names): Topology => ({
  exchanges: [{ name: names.exchange, type: 'topic' }],
  queues: [],
  bindings: [],
});

/**
 * The queues of one group, and its bindings to the events.
 *
 *   events ──type──▶ group ──(rejected, crash limit)──▶ group.dead
 *                      ▲
 *                      └──(ttl over)── group.wait.1000 … group.wait.600000
 *
 * All queues are quorum queues and dead-letter at least once. Arguments of an existing queue cannot be changed: limits
 * that may change belong in policies, and another delay is another queue.
 */
export const groupTopology = (
  names: Names,
  { group, events }: SubscriptionDefinition,
  retryDelaysMs: readonly number[],
): Topology => ({
  exchanges: [],
  queues: [
    quorum(names.deadQueue(group), {
      'x-delivery-limit': practicallyUnlimited,
      'x-message-ttl': deadLettersKeptMs,
    }),
    quorum(names.queue(group), { 'x-delivery-limit': crashLimit, ...handOver(names.deadQueue(group)) }),
    ...retryDelaysMs.map((delayMs) =>
      quorum(names.waitQueue(group, delayMs), { 'x-message-ttl': delayMs, ...handOver(names.queue(group)) }),
    ),
  ],
  bindings: events.map(({ type }) => ({
    source: names.exchange,
    destination: names.queue(group),
    routingKey: type,
  })),
});

/**
 * The exchange through which a group's own service puts a message back into one of the group's queues: retries, dead
 * letters and redriven messages. The default exchange would work, but a user who may publish to it may publish to every
 * queue.
 */
export const wayBackTopology = (names: Names, group: string, retryDelaysMs: readonly number[]): Topology => {
  const source = names.backExchange(group);
  const waitQueues = retryDelaysMs.map((delayMs) => names.waitQueue(group, delayMs));
  return {
    exchanges: [{ name: source, type: 'direct' }],
    queues: [],
    bindings: [names.queue(group), names.deadQueue(group), ...waitQueues].map((queue) => ({
      source,
      destination: queue,
      routingKey: queue,
    })),
  };
};

/** Declares all of it; idempotent. @throws amqplib's error with code 406 if it exists with other arguments */
export async function declare(channel: Channel, { exchanges, queues, bindings }: Topology): Promise<void> {
  for (const { name, type } of exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const queue of queues)
    await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  for (const { source, destination, routingKey } of bindings)
    await channel.bindQueue(destination, source, routingKey);
}

/** Something that an administrator has to declare is missing on the broker. */
export class TopologyMissing extends Error {
  override readonly name = 'TopologyMissing';
}

/**
 * Checks that what an administrator declared exists, which requires no permission. Bindings and arguments cannot be
 * checked this way.
 * @throws TopologyMissing for the first that does not exist; the channel is closed then
 */
export async function check(
  channel: Channel,
  { exchanges, queues }: Pick<Topology, 'exchanges' | 'queues'>,
): Promise<void> {
  for (const { name } of exchanges) await unlessMissing('exchange', name, () => channel.checkExchange(name));
  for (const { name } of queues) await unlessMissing('queue', name, () => channel.checkQueue(name));
}

async function unlessMissing(what: string, name: string, ask: () => PromiseLike<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!isReply(error, 404)) throw error;
    throw new TopologyMissing(
      `the ${what} ${name} is not on the broker, and the service may not declare it: an administrator has to`,
      { cause: error },
    );
  }
}

const quorum = (name: string, more: Queue['arguments']): Queue => ({
  name,
  arguments: { 'x-queue-type': 'quorum', ...more },
});

/** Dead-lettering through the default exchange reaches that one queue; at-least-once requires reject-publish. */
const handOver = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});
