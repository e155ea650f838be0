import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { connectToAny, type BrokerPlace } from './connect';
import { declare, defaultRetryDelaysMs } from './topology';
import { wholeTopology } from './topology-definitions';

/**
 * Declares every exchange, queue and binding in one go: for an administrator whose services' users may not, or not all of
 * it. May be repeated.
 * @param broker of a user who may configure everything; its URL alone where no certificate authority is its own
 * @throws amqplib's errors when the broker is away or holds a queue of the name with other arguments
 */
export async function declareTopology(
  broker: string | BrokerPlace,
  subscriptions: readonly SubscriptionDefinition[],
  prefix = 'bulkhead.',
  retryDelaysMs = defaultRetryDelaysMs,
): Promise<void> {
  const connection = await connectToAny(typeof broker === 'string' ? { url: broker } : broker);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    for (const part of wholeTopology(subscriptions, prefix, retryDelaysMs)) await declare(channel, part);
    await channel.close();
  } finally {
    await connection.close().catch(() => undefined);
  }
}
