import type { QueueState } from '../transport';
import type { BrokerConnection } from './connection';
import type { Names } from './topology';

/**
 * Asks the broker how much waits. Each queue is asked on a channel of its own, because asking for one that does not exist
 * yet closes the channel.
 * @throws Error while there is no connection
 */
export async function readQueueStates(
  connection: BrokerConnection,
  names: Names,
  groups: readonly string[],
): Promise<readonly QueueState[]> {
  const model = connection.current();
  if (!model) throw new Error('RabbitMQ cannot be reached');
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
