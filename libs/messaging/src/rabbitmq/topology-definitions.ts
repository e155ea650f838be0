import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import {
  createNames,
  defaultRetryDelaysMs,
  eventsTopology,
  groupTopology,
  type Topology,
  wayBackTopology,
} from './topology';

/**
 * Everything that the services need on a broker, as RabbitMQ's definitions of one virtual host: `rabbitmqctl
 * import_definitions`, or `POST /api/definitions/<vhost>` of the management API. Importing them is idempotent.
 * https://www.rabbitmq.com/docs/definitions
 */
export interface TopologyDefinitions {
  readonly exchanges: readonly {
    readonly name: string;
    readonly type: string;
    readonly durable: true;
    readonly auto_delete: false;
    readonly internal: false;
    readonly arguments: Readonly<Record<string, never>>;
  }[];
  readonly queues: readonly {
    readonly name: string;
    readonly durable: true;
    readonly auto_delete: false;
    readonly arguments: Readonly<Record<string, string | number>>;
  }[];
  readonly bindings: readonly {
    readonly source: string;
    readonly destination: string;
    readonly destination_type: 'queue';
    readonly routing_key: string;
    readonly arguments: Readonly<Record<string, never>>;
  }[];
}

/** @param subscriptions of all services @param prefix as RABBITMQ_PREFIX */
export function topologyDefinitions(
  subscriptions: readonly SubscriptionDefinition[],
  prefix = 'bulkhead.',
  retryDelaysMs = defaultRetryDelaysMs,
): TopologyDefinitions {
  const all = wholeTopology(subscriptions, prefix, retryDelaysMs);
  return {
    exchanges: all.flatMap(({ exchanges }) =>
      exchanges.map(({ name, type }) => ({
        name,
        type,
        durable: true as const,
        auto_delete: false as const,
        internal: false as const,
        arguments: {},
      })),
    ),
    queues: all.flatMap(({ queues }) =>
      queues.map((queue) => ({
        name: queue.name,
        durable: true as const,
        auto_delete: false as const,
        arguments: queue.arguments,
      })),
    ),
    bindings: all.flatMap(({ bindings }) =>
      bindings.map(({ source, destination, routingKey }) => ({
        source,
        destination,
        destination_type: 'queue' as const,
        routing_key: routingKey,
        arguments: {},
      })),
    ),
  };
}

/** In an order in which it can be declared. */
export function wholeTopology(
  subscriptions: readonly SubscriptionDefinition[],
  prefix: string,
  retryDelaysMs: readonly number[],
): readonly Topology[] {
  const names = createNames(prefix);
  return [
    eventsTopology(names),
    ...subscriptions.flatMap((definition) => [
      groupTopology(names, definition, retryDelaysMs),
      wayBackTopology(names, definition.group, retryDelaysMs),
    ]),
  ];
}
