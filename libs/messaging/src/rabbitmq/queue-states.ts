import type { QueueState } from '../transport';
import type { BrokerConnection } from './connection';
import type { Names } from './topology';

/**
 * Reads the depths of queues from the broker. Each queue is read on a channel of its own, because asking for one that
 * does not exist yet closes the channel. Only one read is in progress: further callers share its result, so that
 * channels do not pile up while the broker is silent. `connection` should not be used for publishing: the broker's
 * resource alarms then do not block it. Rejects while there is no connection.
 */
export function createQueueStates(
  connection: BrokerConnection,
  names: Names,
): (groups: readonly string[]) => Promise<readonly QueueState[]> {
  const asked = new Map<string, Promise<readonly QueueState[]>>();
  return (groups) => {
    const key = groups.join();
    const pending = asked.get(key);
    if (pending) return pending;
    const states = readQueueStates(connection, names, groups).finally(() => asked.delete(key));
    asked.set(key, states);
    return states;
  };
}

async function readQueueStates(
  connection: BrokerConnection,
  names: Names,
  groups: readonly string[],
): Promise<readonly QueueState[]> {
  const model = connection.current();
  if (!model || connection.isBlocked()) throw new Error('RabbitMQ cannot be reached');
  const count = async (queue: string): Promise<number> => {
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    const { messageCount } = await channel.checkQueue(queue);
    await channel.close();
    return messageCount;
  };
  const states = await Promise.allSettled(
    groups.map(async (group) => {
      const [waiting, dead] = await Promise.all([count(names.queue(group)), count(names.deadQueue(group))]);
      return { group, waiting, dead };
    }),
  );
  return states.flatMap((state) => (state.status === 'fulfilled' ? [state.value] : []));
}
