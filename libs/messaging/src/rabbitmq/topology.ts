import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { Channel } from 'amqplib';

/** The ladder of every group: 1 s, 10 s, 1 min, 10 min. */
export const defaultRetryDelaysMs: readonly number[] = [1_000, 10_000, 60_000, 600_000];

const deadLettersKeptMs = 14 * 24 * 60 * 60 * 1_000;
/** Deliveries that end in a crash before the broker itself gives a message up. */
const crashLimit = 20;
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

/** What every event is published to. */
export const declareEvents = async (channel: Channel, names: Names): Promise<void> =>
  void (await channel.assertExchange(names.exchange, 'topic', { durable: true }));

/**
 * Declares the queues of one group, and what it hears of the events; repeating it changes nothing.
 *
 *   events ──type──▶ group ──(rejected, crash limit)──▶ group.dead
 *                      ▲
 *                      └──(ttl over)── group.wait.1000 … group.wait.600000
 *
 * All queues are quorum queues and hand over at least once. Arguments cannot be changed on a living queue: limits that
 * may change belong into policies, and another delay is another queue.
 */
export async function declareGroup(
  channel: Channel,
  names: Names,
  { group, events }: SubscriptionDefinition,
  retryDelaysMs: readonly number[],
): Promise<void> {
  await channel.assertQueue(names.deadQueue(group), {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': practicallyUnlimited,
      'x-message-ttl': deadLettersKeptMs,
    },
  });
  await channel.assertQueue(names.queue(group), {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': crashLimit,
      ...handOver(names.deadQueue(group)),
    },
  });
  for (const delayMs of retryDelaysMs) {
    await channel.assertQueue(names.waitQueue(group, delayMs), {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-message-ttl': delayMs, ...handOver(names.queue(group)) },
    });
  }
  for (const { type } of events) await channel.bindQueue(names.queue(group), names.exchange, type);
}

/**
 * Declares the way by which a group's own service puts a message back into one of the group's queues: retries, dead
 * letters and what is redriven. The default exchange would do, but whoever may publish to it may to every queue.
 */
export async function declareWayBack(
  channel: Channel,
  names: Names,
  group: string,
  retryDelaysMs: readonly number[],
): Promise<void> {
  const exchange = names.backExchange(group);
  await channel.assertExchange(exchange, 'direct', { durable: true });
  const waitQueues = retryDelaysMs.map((delayMs) => names.waitQueue(group, delayMs));
  for (const queue of [names.queue(group), names.deadQueue(group), ...waitQueues])
    await channel.bindQueue(queue, exchange, queue);
}

/**
 * Makes sure that everything is there of which a service's user may not declare a part: an administrator did.
 * @throws amqplib's error with code 404 where something is missing
 */
export async function checkTopology(
  channel: Channel,
  names: Names,
  groups: readonly Pick<SubscriptionDefinition, 'group'>[],
): Promise<void> {
  await channel.checkExchange(names.exchange);
  for (const { group } of groups) await channel.checkQueue(names.queue(group));
}

/** Dead-lettering through the default exchange reaches that one queue; at-least-once requires reject-publish. */
const handOver = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});
