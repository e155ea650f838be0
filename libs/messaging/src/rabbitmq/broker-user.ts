import type { EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { BrokerAdmin } from '../broker-admin';
import { brokerAddresses } from './broker-addresses';
import { type BrokerAccess, brokerPermissions, eventPermissions } from './broker-permissions';

export interface BrokerUser {
  readonly service: ServiceName;
  /** URL with user name, password and virtual host; of several, the first one is used. */
  readonly url: string;
  readonly subscriptions: readonly SubscriptionDefinition[];
  readonly catalog: ReadonlyMap<string, EventDefinition>;
  readonly access: BrokerAccess;
  /** Prefix of the exchange's and queues' names. Default `bulkhead.`. */
  readonly prefix?: string | undefined;
}

/**
 * Creates the broker user of one service, which may publish the service's own events and read its own queues.
 * Idempotent.
 * @throws Error when the broker refuses
 */
export async function provisionBrokerUser(admin: BrokerAdmin, user: BrokerUser): Promise<void> {
  const { service, subscriptions, catalog, access, prefix } = user;
  const { username, password, pathname } = new URL(brokerAddresses(user.url)[0]!);
  const name = decodeURIComponent(username);
  const vhost = decodeURIComponent(pathname.slice(1)) || '/';
  await admin.createUser({ name, password: decodeURIComponent(password) });
  await admin.permit(name, vhost, brokerPermissions(service, subscriptions, access, prefix));
  await admin.permitTopics(name, vhost, eventPermissions(service, catalog, access, prefix));
}
