import type { EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { BrokerPermissions, TopicPermissions } from '../broker-admin';
import { createNames } from './topology';

/**
 * How much a service's own broker user may do. The services of this release work with either.
 *
 * - `transitional`: also what the previous release needs, whose services publish retries and dead letters to the
 *   default exchange and declare their consumers' queues. With it a user can put a message into any queue.
 * - `narrow`: only publishing its own events, putting messages back into its own queues, and reading those. Exchanges,
 *   queues and bindings belong to an administrator, who declares them all first (declareTopology).
 */
export const brokerAccess = ['transitional', 'narrow'] as const;
export type BrokerAccess = (typeof brokerAccess)[number];

/** On exchanges and queues with those names. */
export function brokerPermissions(
  service: ServiceName,
  subscriptions: readonly SubscriptionDefinition[],
  access: BrokerAccess,
  prefix = 'bulkhead.',
): BrokerPermissions {
  const names = createNames(prefix);
  const own = subscriptions.filter((definition) => definition.service === service);
  const exchange = escape(names.exchange);
  const ways = own.map(({ group }) => escape(names.backExchange(group)));
  const queues = (definitions: readonly SubscriptionDefinition[]) =>
    definitions.map(({ group }) => `${escape(names.queue(group))}(\\.dead|\\.wait\\.[0-9]+)?`);
  if (access === 'narrow') {
    // It can configure or write none of the names that it can read: read and write together suffice to bind an exchange
    // of one's own to the exchange of all events, and so to publish anything.
    return {
      configure: nothing,
      write: anyOf([exchange, ...ways]),
      read: anyOf(own.map(({ group }) => `${escape(names.queue(group))}(\\.dead)?`)),
    };
  }
  const declared = subscriptions.filter(
    (definition) =>
      definition.service === service || definition.events.some(({ source }) => source === service),
  );
  return {
    configure: anyOf([exchange, ...queues(declared), ...ways]),
    write: anyOf([exchange, 'amq\\.default', ...queues(declared), ...ways]),
    read: anyOf([exchange, ...queues(own), ...ways]),
  };
}

/** On the events exchange, a service publishes only its own types; binding queues requires read permission. */
export const eventPermissions = (
  service: ServiceName,
  catalog: ReadonlyMap<string, EventDefinition>,
  access: BrokerAccess,
  prefix = 'bulkhead.',
): TopicPermissions => ({
  exchange: createNames(prefix).exchange,
  write: anyOf(
    [...catalog.values()].filter(({ source }) => source === service).map(({ type }) => escape(type)),
  ),
  read: access === 'narrow' ? nothing : '.*',
});

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (expressions: readonly string[]) => `^(${expressions.join('|')})$`;
const nothing = '^$';
