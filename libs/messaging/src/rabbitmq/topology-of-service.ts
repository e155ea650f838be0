import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Channel, ChannelModel } from 'amqplib';
import { isReply } from './is-reply';
import {
  check,
  declare,
  eventsTopology,
  groupTopology,
  type Names,
  type Topology,
  wayBackTopology,
} from './topology';

/**
 * Who declares the exchanges and queues.
 *
 * - `declare`: the service declares what its user may, and checks the rest.
 * - `check`: an administrator. The service declares nothing, and sends and consumes once everything it needs exists.
 * - `none`: nothing is checked; for programs that work on existing queues.
 */
export type TopologyMode = (typeof topologyModes)[number] | 'none';
export const topologyModes = ['declare', 'check'] as const;

export interface TopologyOfServiceOptions {
  readonly service: ServiceName;
  /** All subscriptions of the shop. */
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly names: Names;
  readonly retryDelaysMs: readonly number[];
  readonly mode: TopologyMode;
}

/**
 * What a service needs on the broker: its own groups, and those that consume its events, so that nothing is sent before
 * its queues exist. If its user may not declare something, an administrator has to; the service then only checks that
 * it exists.
 */
export interface TopologyOfService {
  /** All of it, before anything is published. @throws like `declareGroup` */
  declare(model: ChannelModel): Promise<void>;
  /**
   * One group that is consumed here.
   * @throws TopologyMissing if the broker lacks what the service may not declare; amqplib's error when it is
   *   unavailable
   */
  declareGroup(model: ChannelModel, definition: SubscriptionDefinition): Promise<void>;
}

export function createTopologyOf(options: TopologyOfServiceOptions): TopologyOfService {
  const { service, subscriptions, names, retryDelaysMs, mode } = options;
  const own = subscriptions.filter((definition) => definition.service === service);
  const heard = subscriptions.filter(({ events }) => events.some(({ source }) => source === service));
  const needed = [...new Set([...own, ...heard])];
  /**
   * What the user may not declare, after the first refusal: permissions change only together with a restart of the
   * services.
   */
  const refused = new Set<'queues' | 'ways back'>();

  async function unlessRefused(
    what: 'queues' | 'ways back',
    model: ChannelModel,
    topology: Topology,
  ): Promise<void> {
    if (refused.has(what)) return;
    try {
      await onOwnChannel(model, (channel) => declare(channel, topology));
    } catch (error) {
      if (!isReply(error, 403)) throw error;
      refused.add(what);
    }
  }

  async function prepare(
    model: ChannelModel,
    groups: readonly SubscriptionDefinition[],
    read: readonly SubscriptionDefinition[],
  ): Promise<void> {
    if (mode === 'none') return;
    const ofGroups = (some: readonly SubscriptionDefinition[]) =>
      some.map((definition) => groupTopology(names, definition, retryDelaysMs));
    const waysBack = together(read.map(({ group }) => wayBackTopology(names, group, retryDelaysMs)));
    if (mode === 'check') {
      // For groups that consume the events in other services, those check the rest.
      const others = groups.filter((definition) => !read.includes(definition));
      const queues = others.map(({ group }) => ({ name: names.queue(group), arguments: {} }));
      const all = together([eventsTopology(names), ...ofGroups(read), waysBack]);
      await onOwnChannel(model, (channel) => check(channel, { ...all, queues: [...all.queues, ...queues] }));
      return;
    }
    await unlessRefused('queues', model, together([eventsTopology(names), ...ofGroups(groups)]));
    if (refused.has('queues')) {
      const { exchanges } = eventsTopology(names);
      const queues = groups.map(({ group }) => ({ name: names.queue(group), arguments: {} }));
      await onOwnChannel(model, (channel) => check(channel, { exchanges, queues }));
    }
    await unlessRefused('ways back', model, waysBack);
  }

  return {
    declare: (model) => prepare(model, needed, own),
    declareGroup: (model, definition) => prepare(model, [definition], [definition]),
  };
}

const together = (topologies: readonly Topology[]): Topology => ({
  exchanges: topologies.flatMap(({ exchanges }) => exchanges),
  queues: topologies.flatMap(({ queues }) => queues),
  bindings: topologies.flatMap(({ bindings }) => bindings),
});

/** An operation refused by the broker closes its channel. */
async function onOwnChannel(model: ChannelModel, work: (channel: Channel) => Promise<void>): Promise<void> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  await work(channel);
  await channel.close();
}
