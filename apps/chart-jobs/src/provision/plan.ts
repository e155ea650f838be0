import { events } from '@bulkhead/contracts/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { provisionScript, type ProvisionScriptOptions } from '@bulkhead/database/provision-script';
import { type BrokerDefinitions, brokerDefinitions } from '@bulkhead/messaging/rabbitmq/broker-definitions';
import type { WantedConfig } from './config';
import { readCredentials } from './credentials';

/** Everything that a release needs on servers that are not its own. It is run, or printed: one source, two outputs. */
export interface Plan {
  readonly databases: readonly ProvisionScriptOptions[];
  readonly broker: BrokerDefinitions;
  /** Logins without a password, which whoever runs the printed plan sets. */
  readonly withoutPassword: readonly string[];
}

/** @throws ConfigError when a service's login is incomplete */
export function planFor(config: WantedConfig): Plan {
  const services = config.SERVICES.map((service) => ({ service, ...readCredentials(service, config) }));
  const databases = services.map(({ service, owner, app }) => ({
    service,
    database: app.place ?? owner.place,
    owner: owner.user,
    app: app.user,
    ownerPassword: owner.password,
    appPassword: app.password,
    extensions: config.EXTENSIONS[service],
  }));
  const users = services.map(({ service, broker }) => ({
    service,
    name: broker.user ?? service,
    password: broker.password,
  }));
  const vhosts = services.map(({ broker }) => broker.place).filter((place) => place !== undefined);
  return {
    databases,
    broker: brokerDefinitions({
      users,
      vhost: vhosts[0] ?? config.BROKER_VHOST,
      subscriptions: Object.values(subscriptions),
      catalog: events,
      access: config.BROKER_ACCESS,
    }),
    withoutPassword: [
      ...databases.flatMap((each) => {
        const { owner, app } = provisionScript(each);
        return [...(each.ownerPassword ? [] : [owner]), ...(each.appPassword ? [] : [app])];
      }),
      ...users.flatMap(({ name, password }) => (password === undefined ? [`${name} (RabbitMQ)`] : [])),
    ],
  };
}
