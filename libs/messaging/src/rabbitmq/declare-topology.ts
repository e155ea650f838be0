import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { connectToAny, type BrokerPlace } from './connect';
import { declare, defaultRetryDelaysMs } from './topology';
import { wholeTopology } from './topology-definitions';

/**
 * Declares all exchanges, queues and bindings: for an administrator, if the services' users may not declare all of
 * them. Idempotent.
 * @param broker of a user who may configure everything; a URL alone unless a private certificate authority is used
 * @throws amqplib's errors when the broker is unavailable or has a queue of that name with other arguments
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
