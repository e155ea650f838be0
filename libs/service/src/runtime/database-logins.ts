import type { GivenLogins } from '@bulkhead/resilience/logins';
import type { Environment } from '../config';
import { loadServers, withServiceServers } from '../server-url';
import { DatabaseConfig } from './base-config';

/** Credentials for new connections to PostgreSQL, with the current authorities of DATABASE_CA_FILE. */
export function databaseLogins({
  DATABASE_URL: secret,
  DATABASE_CA_FILE: authorities,
}: Pick<DatabaseConfig, 'DATABASE_URL' | 'DATABASE_CA_FILE'>): GivenLogins {
  const trusting = (login: string) =>
    authorities === undefined ? login : withAuthorities(login, authorities);
  // There is no point in waiting for a secret that cannot change.
  if (!secret.mayChange && secret.values.length === 1) return trusting(secret.value);
  return () => secret.values.map(trusting);
}

/** The same for a program that needs nothing else of the service. @throws ConfigError without a DATABASE_URL */
export const readDatabaseLogins = (environment: Environment): GivenLogins =>
  databaseLogins(
    loadServers(
      DatabaseConfig.pick({ DATABASE_URL: true, DATABASE_CA_FILE: true }),
      environment,
      withServiceServers,
    ),
  );

/** pg reads the file of `sslrootcert` for each connection, and then ignores PGSSLMODE. */
function withAuthorities(login: string, file: string): string {
  const url = new URL(login);
  const { searchParams } = url;
  if (!searchParams.has('sslrootcert')) searchParams.set('sslrootcert', file);
  const mode = process.env['PGSSLMODE'];
  if (mode && !searchParams.has('sslmode')) searchParams.set('sslmode', mode);
  return url.toString();
}
