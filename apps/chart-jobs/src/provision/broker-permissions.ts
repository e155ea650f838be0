import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { BrokerPermissions } from '@bulkhead/messaging/broker-admin';

/**
 * What a service's own broker user may do: declare and bind the queues of its groups and of those that hear it, publish
 * to the exchange and to its own queues (retries), and read its own queues. Declaring a queue that dead-letters needs
 * the right to read it, hence the wait queues of others are readable too, their main and dead-letter queues are not
 * once they have been made. Names are those of libs/messaging's topology.
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
  const exchange = escape(`${prefix}events`);
  const queues = (definitions: readonly SubscriptionDefinition[]) =>
    definitions.map(({ group }) => `${escape(prefix + group)}(\\.dead|\\.wait\\.[0-9]+)?`);
  return {
    configure: anyOf([exchange, ...queues(declared)]),
    write: anyOf([exchange, 'amq\\.default', ...queues(declared)]),
    read: anyOf([exchange, ...queues(own)]),
  };
}

/** The event types that a service may publish, as a regular expression on the routing key. */
export const sentTypes = (types: readonly string[]): string => anyOf(types.map(escape));

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (expressions: readonly string[]) => `^(${expressions.join('|')})$`;
