import { createHash, randomBytes } from 'node:crypto';
import type { EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { BrokerPermissions, TopicPermissions } from '../broker-admin';
import { type BrokerAccess, brokerPermissions, eventPermissions } from './broker-permissions';
import { type TopologyDefinitions, topologyDefinitions } from './topology-definitions';

export interface BrokerDefinitionsOptions {
  /** The users of the services. One without a password must exist already, and keeps its password. */
  readonly users: readonly {
    readonly service: ServiceName;
    readonly name: string;
    readonly password?: string | undefined;
  }[];
  readonly vhost: string;
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly access: BrokerAccess;
  /** Prefix of the exchange's and queues' names. Default `bulkhead.`. */
  readonly prefix?: string | undefined;
  /** Retry delays, in ms. */
  readonly retryDelaysMs?: readonly number[] | undefined;
}

type InVhost<T> = T & { readonly vhost: string };

/** RabbitMQ's definitions (https://www.rabbitmq.com/docs/definitions), limited to what a shop uses. */
export interface BrokerDefinitions {
  readonly vhosts: readonly { readonly name: string }[];
  readonly users: readonly {
    readonly name: string;
    readonly password_hash: string;
    readonly hashing_algorithm: 'rabbit_password_hashing_sha256';
    readonly tags: readonly string[];
  }[];
  readonly permissions: readonly InVhost<{ readonly user: string } & BrokerPermissions>[];
  readonly topic_permissions: readonly InVhost<{ readonly user: string } & TopicPermissions>[];
  readonly exchanges: readonly InVhost<TopologyDefinitions['exchanges'][number]>[];
  readonly queues: readonly InVhost<TopologyDefinitions['queues'][number]>[];
  readonly bindings: readonly InVhost<TopologyDefinitions['bindings'][number]>[];
}

/** Everything that the services expect on a broker: to be imported by the provisioning or by an administrator. */
export function brokerDefinitions(options: BrokerDefinitionsOptions): BrokerDefinitions {
  const { users, vhost, subscriptions, catalog, access, prefix = 'bulkhead.' } = options;
  const { exchanges, queues, bindings } = topologyDefinitions(subscriptions, prefix, options.retryDelaysMs);
  const here = <T>(each: T) => ({ ...each, vhost });
  return {
    vhosts: [{ name: vhost }],
    users: users.flatMap(({ name, password }) =>
      password === undefined
        ? []
        : [
            {
              name,
              password_hash: passwordHash(password),
              hashing_algorithm: 'rabbit_password_hashing_sha256' as const,
              tags: [],
            },
          ],
    ),
    permissions: users.map(({ service, name }) => ({
      user: name,
      vhost,
      ...brokerPermissions(service, subscriptions, access, prefix),
    })),
    topic_permissions: users.map(({ service, name }) => ({
      user: name,
      vhost,
      ...eventPermissions(service, catalog, access, prefix),
    })),
    exchanges: exchanges.map(here),
    queues: queues.map(here),
    bindings: bindings.map(here),
  };
}

/** In RabbitMQ's format: https://www.rabbitmq.com/docs/passwords#this-is-the-algorithm */
function passwordHash(password: string): string {
  const salt = randomBytes(4);
  const digest = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, digest]).toString('base64');
}
