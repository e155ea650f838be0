import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { connect } from 'amqplib';
import { createNames, declareEvents, declareGroup, declareWayBack, defaultRetryDelaysMs } from './topology';

const connectTimeoutMs = 5_000;

/**
 * Declares every exchange, queue and binding in one go: for an administrator whose services' users may not, or not all of
 * it. May be repeated.
 * @param url amqp:// or amqps:// of a user who may configure everything
 * @throws amqplib's errors when the broker is away or holds a queue of the name with other arguments
 */
export async function declareTopology(
  url: string,
  subscriptions: readonly SubscriptionDefinition[],
  prefix = 'bulkhead.',
  retryDelaysMs = defaultRetryDelaysMs,
): Promise<void> {
  const connection = await connect(url, { timeout: connectTimeoutMs });
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    const names = createNames(prefix);
    await declareEvents(channel, names);
    for (const definition of subscriptions) {
      await declareGroup(channel, names, definition, retryDelaysMs);
      await declareWayBack(channel, names, definition.group, retryDelaysMs);
    }
    await channel.close();
  } finally {
    await connection.close().catch(() => undefined);
  }
}
