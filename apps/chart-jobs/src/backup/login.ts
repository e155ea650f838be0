import { withClient } from '@bulkhead/database/admin-client';
import { withDatabaseUrl } from '@bulkhead/service/server-url';
import { ConfigError, type Environment, readVariable } from '@bulkhead/service/config';

/**
 * The login of the role that owns a service's tables. While its password is changed there are several: the first one that
 * the server takes.
 * @param environment of that service
 * @throws ConfigError where there is none; the server's error where it takes none
 */
export async function ownerLogin(service: string, environment: Environment): Promise<URL> {
  const name = 'MIGRATION_DATABASE';
  const given = readVariable(`${name}_URL`, withDatabaseUrl(name, environment)) ?? '';
  const logins = given.split('\n').filter((line) => line.trim() !== '');
  let failure: unknown = new ConfigError(
    `nothing says how the owner of the database of ${service} signs in.`,
  );
  for (const login of logins) {
    try {
      await withClient(login, (client) => client.query('select 1'), { applicationName: 'backup' });
      return new URL(login);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Parameters of libpq that a login may carry beside the server's address. */
const parameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'channel_binding'];

/** A section of pg_service.conf (https://www.postgresql.org/docs/current/libpq-pgservice.html), without the password. */
export function serviceSection(service: string, login: URL): string {
  const { host, port, user, database } = partsOf(login);
  const lines = [`[${service}]`, `host=${host}`, `port=${port}`, `dbname=${database}`, `user=${user}`];
  const given = new Map(
    parameters.flatMap((name) => {
      const value = login.searchParams.get(name);
      return value ? [[name, value]] : [];
    }),
  );
  // Node.js' word for TLS without a look at the certificate; libpq would look if it knew an authority.
  if (given.get('sslmode') === 'no-verify') {
    given.set('sslmode', 'require');
    given.delete('sslrootcert');
  }
  if (given.get('sslmode') === 'verify-full' && !given.has('sslrootcert')) given.set('sslrootcert', 'system');
  return `${[...lines, ...[...given].map(([name, value]) => `${name}=${value}`)].join('\n')}\n`;
}

/** A line of a password file (https://www.postgresql.org/docs/current/libpq-pgpass.html). */
export function passwordLine(login: URL): string {
  const { host, port, user, database, password } = partsOf(login);
  const escaped = [host, port, database, user, password].map((part) => part.replace(/[\\:]/g, '\\$&'));
  return `${escaped.join(':')}\n`;
}

const partsOf = (login: URL) => ({
  host: decodeURIComponent(login.hostname).replace(/^\[(.*)\]$/, '$1'),
  port: login.port || '5432',
  user: decodeURIComponent(login.username),
  database: decodeURIComponent(login.pathname.slice(1)),
  password: decodeURIComponent(login.password),
});
