import type { EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { BrokerPermissions, TopicPermissions } from '../broker-admin';
import { createNames } from './topology';

/**
 * What a service's own broker user may do: publish to the exchange and to queues (retries, dead letters), read the queues
 * of its own groups, and make sure that its own queues and those that hear it are there and bound. That it cannot make
 * those of others anew, which takes the right to read them, is why an administrator declares them all first.
 */
export function brokerPermissions(
  service: ServiceName,
  subscriptions: readonly SubscriptionDefinition[],
  prefix = 'bulkhead.',
): BrokerPermissions {
  const own = subscriptions.filter((definition) => definition.service === service);
  const declared = subscriptions.filter(
    (definition) =>
      definition.service === service || definition.events.some(({ source }) => source === service),
  );
  const names = createNames(prefix);
  const exchange = escape(names.exchange);
  const queues = (definitions: readonly SubscriptionDefinition[]) =>
    definitions.map(({ group }) => `${escape(names.queue(group))}(\\.dead|\\.wait\\.[0-9]+)?`);
  return {
    configure: anyOf([exchange, ...queues(declared)]),
    write: anyOf([exchange, 'amq\\.default', ...queues(declared)]),
    read: anyOf([exchange, ...queues(own)]),
  };
}

/** On the exchange of events, a service publishes its own types only; binding queues takes reading. */
export const eventPermissions = (
  service: ServiceName,
  catalog: ReadonlyMap<string, EventDefinition>,
  prefix = 'bulkhead.',
): TopicPermissions => ({
  exchange: createNames(prefix).exchange,
  write: anyOf(
    [...catalog.values()].filter(({ source }) => source === service).map(({ type }) => escape(type)),
  ),
  read: '.*',
});

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (expressions: readonly string[]) => `^(${expressions.join('|')})$`;
