import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Channel, ChannelModel } from 'amqplib';
import { checkTopology, declareEvents, declareGroup, declareWayBack, type Names } from './topology';

export interface TopologyOfServiceOptions {
  readonly service: ServiceName;
  /** All subscriptions of the shop. */
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly names: Names;
  readonly retryDelaysMs: readonly number[];
}

/**
 * What a service needs on the broker: the groups of its own, and those that hear its events, so that nothing is sent
 * before a queue waits for it. What its user may not declare, an administrator has; then it only makes sure of that.
 */
export interface TopologyOfService {
  /** All of it, before anything is published. @throws as `declareGroup` */
  declare(model: ChannelModel): Promise<void>;
  /**
   * One group that is read here.
   * @throws amqplib's error when the broker is away, or lacks a queue that the user may not declare
   */
  declareGroup(model: ChannelModel, definition: SubscriptionDefinition): Promise<void>;
}

export function createTopologyOf(options: TopologyOfServiceOptions): TopologyOfService {
  const { service, subscriptions, names, retryDelaysMs } = options;
  const own = subscriptions.filter((definition) => definition.service === service);
  const heard = subscriptions.filter(({ events }) => events.some(({ source }) => source === service));
  const needed = [...new Set([...own, ...heard])];
  /** What the user was refused once: users are changed with the topology, by whoever starts the services anew. */
  const refused = new Set<'queues' | 'ways back'>();

  async function unlessRefused(
    what: 'queues' | 'ways back',
    model: ChannelModel,
    work: (channel: Channel) => Promise<void>,
  ): Promise<void> {
    if (refused.has(what)) return;
    try {
      await onOwnChannel(model, work);
    } catch (error) {
      if ((error as { code?: unknown }).code !== accessRefused) throw error;
      refused.add(what);
    }
  }

  async function declare(
    model: ChannelModel,
    groups: readonly SubscriptionDefinition[],
    read: readonly SubscriptionDefinition[],
  ): Promise<void> {
    await unlessRefused('queues', model, async (channel) => {
      await declareEvents(channel, names);
      for (const definition of groups) await declareGroup(channel, names, definition, retryDelaysMs);
    });
    if (refused.has('queues')) await onOwnChannel(model, (channel) => checkTopology(channel, names, groups));
    await unlessRefused('ways back', model, async (channel) => {
      for (const { group } of read) await declareWayBack(channel, names, group, retryDelaysMs);
    });
  }

  return {
    declare: (model) => declare(model, needed, own),
    declareGroup: (model, definition) => declare(model, [definition], [definition]),
  };
}

const accessRefused = 403;

/** What the broker refuses takes its channel with it. */
async function onOwnChannel(model: ChannelModel, work: (channel: Channel) => Promise<void>): Promise<void> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  await work(channel);
  await channel.close();
}
