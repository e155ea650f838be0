import type { QueueState } from '../transport';
import type { BrokerConnection } from './connection';
import type { Names } from './topology';

/**
 * Asks the broker how much waits. Each queue is asked on a channel of its own, because asking for one that does not exist
 * yet closes the channel. One question at a time: whoever asks while the broker says nothing gets what that one brings,
 * so that no channels pile up. `connection` should publish nothing: an alarm of the broker leaves it alone.
 * The function rejects while there is no connection.
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
