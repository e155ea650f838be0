import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { Channel } from 'amqplib';
import { isReply } from './is-reply';

/** The ladder of every group: 1 s, 10 s, 1 min, 10 min. */
export const defaultRetryDelaysMs: readonly number[] = [1_000, 10_000, 60_000, 600_000];

const deadLettersKeptMs = 14 * 24 * 60 * 60 * 1_000;
/** Deliveries without an end before the broker itself gives a message up; see `receive` of the queue's source. */
export const crashLimit = 20;
/** Looking at dead letters counts as delivering them; it must never use one up. */
const practicallyUnlimited = 1_000_000;

/** How everything is called on the broker. `prefix` ends in its separator, as `bulkhead.`. */
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

/** Of a queue to an exchange. */
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

/** What every event is published to. */
export const eventsTopology = (names: Names): Topology => ({
  exchanges: [{ name: names.exchange, type: 'topic' }],
  queues: [],
  bindings: [],
});

/**
 * The queues of one group, and what it hears of the events.
 *
 *   events ──type──▶ group ──(rejected, crash limit)──▶ group.dead
 *                      ▲
 *                      └──(ttl over)── group.wait.1000 … group.wait.600000
 *
 * All queues are quorum queues and hand over at least once. Arguments cannot be changed on a living queue: limits that
 * may change belong into policies, and another delay is another queue.
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
 * The way by which a group's own service puts a message back into one of the group's queues: retries, dead letters and
 * what is redriven. The default exchange would do, but whoever may publish to it may to every queue.
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

/** Declares all of it; repeating it changes nothing. @throws amqplib's error with code 406 where it is there otherwise */
export async function declare(channel: Channel, { exchanges, queues, bindings }: Topology): Promise<void> {
  for (const { name, type } of exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const queue of queues)
    await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  for (const { source, destination, routingKey } of bindings)
    await channel.bindQueue(destination, source, routingKey);
}

/** Something that an administrator has to declare is not on the broker. */
export class TopologyMissing extends Error {
  override readonly name = 'TopologyMissing';
}

/**
 * Makes sure that what an administrator declared is there, which takes no permission. Bindings and arguments cannot be
 * seen that way.
 * @throws TopologyMissing for the first that is not there; the channel is closed then
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
