import type { ServiceName } from '@bulkhead/contracts/services';
import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import type { Environment } from '@bulkhead/service/config';
import { readVariable } from '@bulkhead/service/config';
import { withBrokerUrl, withDatabaseUrl } from '@bulkhead/service/server-url';
import { environmentOf } from '../services/mounted';
import type { WantedConfig } from './config';

/** How one side of a service signs in. What nobody said is undefined. */
export interface Login {
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The database, or the virtual host. */
  readonly place: string | undefined;
}

export interface ServiceCredentials {
  readonly owner: Login;
  readonly app: Login;
  readonly broker: Login;
}

/**
 * The logins that a service is going to use, from the Secrets that it reads itself: what is made and what is used
 * cannot differ.
 * @throws ConfigError when a login is incomplete
 */
export function readCredentials(service: ServiceName, config: WantedConfig): ServiceCredentials {
  const environment = environmentOf(service, config);
  const urlOf = (name: string, from: Environment) => readVariable(`${name}_URL`, from);
  return {
    owner: loginIn(urlOf('MIGRATION_DATABASE', withDatabaseUrl('MIGRATION_DATABASE', environment))),
    app: loginIn(urlOf('DATABASE', withDatabaseUrl('DATABASE', environment))),
    broker: loginIn(addressOf(urlOf('RABBITMQ', withBrokerUrl(environment)))),
  };
}

/** The first of several, which has the login of all. */
const addressOf = (urls: string | undefined) => urls && brokerAddresses(preferred(urls))[0];

/** While a password is changed, the first line is the one that is to be. */
const preferred = (lines: string) => lines.split('\n')[0] ?? '';

function loginIn(urls: string | undefined): Login {
  if (!urls) return { user: undefined, password: undefined, place: undefined };
  const { username, password, pathname } = new URL(preferred(urls));
  const [user, secret, place] = [username, password, pathname.slice(1)].map(
    (part) => decodeURIComponent(part) || undefined,
  );
  return { user, password: secret, place };
}
