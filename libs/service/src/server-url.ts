import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import type { z } from 'zod';
import { ConfigError, type Environment, loadConfig, readVariable } from './config';
import { Secret } from './secret';

/**
 * Server addresses as they appear in Secrets. Operators write a URL (CloudNativePG's `uri`) or separate host, port,
 * user and password (RDS, the RabbitMQ Cluster Operator). `NAME_URL` may therefore be given as `NAME_HOST`,
 * `NAME_PORT`, `NAME_USER`, `NAME_PASSWORD` and so on, each of which may be a file (`NAME_PASSWORD_FILE`). Values are
 * not percent-encoded.
 */
export type DatabaseName = 'DATABASE' | 'MIGRATION_DATABASE' | 'POSTGRES_ADMIN';

const tlsModes = ['disable', 'no-verify', 'verify-full'];

/**
 * The environment with a PostgreSQL URL, composed if it is given in parts, including the TLS parameters: `DATABASE_TLS`
 * (disable, no-verify or verify-full; verify-full in production), and the files `DATABASE_CA_FILE`,
 * `DATABASE_CERT_FILE` and `DATABASE_KEY_FILE`, which are read for each connection. Parameters in the URL itself take
 * precedence. On loopback nothing is encrypted unless configured.
 * @throws ConfigError when parts are missing, or are given beside the URL
 */
export function withDatabaseUrl(name: DatabaseName, environment: Environment): Environment {
  const read = reader(name, environment);
  const given = read('URL');
  const parts = partsOf(name, read, ['HOST', 'USER', 'PASSWORD', 'NAME'], given);
  const port = read('PORT') ?? 5432;
  const bases = parts
    ? loginsOf(parts).map(
        (login) => `postgres://${login}@${hostOf(parts.HOST)}:${port}/${encodeURIComponent(parts.NAME)}`,
      )
    : linesOf(given ?? '');
  if (parts) refuseAddress(name, bases);
  if (bases.length === 0) return environment;
  return replaced(environment, name, bases.map((base) => withTls(base, environment)).join('\n'));
}

function withTls(base: string, environment: Environment): string {
  // The reader of the variable reports what is wrong with it.
  if (!URL.canParse(base)) return base;
  const url = new URL(base);
  const parameters = url.searchParams;
  if (!parameters.has('sslmode') && !parameters.has('ssl')) {
    const mode = databaseTls(url, environment);
    if (mode !== undefined) parameters.set('sslmode', mode);
  }
  const isSwitchedOff =
    parameters.get('sslmode') === 'disable' || ['false', '0'].includes(parameters.get('ssl') ?? '');
  if (!isSwitchedOff)
    for (const [parameter, variable] of Object.entries(tlsFiles)) {
      const file = environment[variable];
      if (file && !parameters.has(parameter)) parameters.set(parameter, file);
    }
  return url.href;
}

/** libpq's parameters, which pg reads for each connection. */
const tlsFiles = {
  sslrootcert: 'DATABASE_CA_FILE',
  sslcert: 'DATABASE_CERT_FILE',
  sslkey: 'DATABASE_KEY_FILE',
};

function databaseTls(url: URL, environment: Environment): string | undefined {
  const mode = environment['DATABASE_TLS'] || undefined;
  if (mode !== undefined && !tlsModes.includes(mode))
    throw new ConfigError(`DATABASE_TLS must be ${tlsModes.join(', ')}.`);
  return (
    mode ??
    // The value of libpq's own variable.
    (environment['PGSSLMODE'] || undefined) ??
    (environment['NODE_ENV'] === 'production' && !isLocal(url) ? 'verify-full' : undefined)
  );
}

/**
 * The environment with `RABBITMQ_URL`: several, comma-separated, if `RABBITMQ_HOST` names several hosts. It is amqps in
 * production, unless `RABBITMQ_TLS` is disable, and elsewhere if `RABBITMQ_TLS` is verify-full.
 * @throws ConfigError when parts are missing, or are given beside the URL
 */
export function withBrokerUrl(environment: Environment): Environment {
  const read = reader('RABBITMQ', environment);
  const parts = partsOf('RABBITMQ', read, ['HOST', 'USER', 'PASSWORD'], read('URL'));
  if (!parts) return environment;
  const isSecure = brokerTls(environment);
  const port = read('PORT') ?? (isSecure ? 5671 : 5672);
  const vhost = read('VHOST') ?? '/';
  const path = vhost === '/' ? '' : `/${encodeURIComponent(vhost)}`;
  const lists = loginsOf(parts).map((login) =>
    parts.HOST.split(',').map(
      (host) => `amqp${isSecure ? 's' : ''}://${login}@${hostOf(host.trim())}:${port}${path}`,
    ),
  );
  refuseAddress('RABBITMQ', lists.flat());
  return replaced(environment, 'RABBITMQ', lists.map((urls) => urls.join(',')).join('\n'));
}

/**
 * The environment with `RABBITMQ_MANAGEMENT_URL`, https where `withBrokerUrl` uses amqps. @throws ConfigError likewise
 */
export function withManagementUrl(environment: Environment): Environment {
  const name = 'RABBITMQ_MANAGEMENT';
  const read = reader(name, environment);
  const parts = partsOf(name, read, ['HOST', 'USER', 'PASSWORD'], read('URL'));
  if (!parts) return environment;
  const isSecure = brokerTls(environment);
  const address = `${hostOf(parts.HOST)}:${read('PORT') ?? (isSecure ? 15671 : 15672)}`;
  const url = `http${isSecure ? 's' : ''}://${loginsOf(parts)[0]}@${address}`;
  refuseAddress(name, [url]);
  return replaced(environment, name, url);
}

function brokerTls(environment: Environment): boolean {
  const mode =
    environment['RABBITMQ_TLS'] || (environment['NODE_ENV'] === 'production' ? 'verify-full' : 'disable');
  if (mode !== 'disable' && mode !== 'verify-full')
    throw new ConfigError('RABBITMQ_TLS must be disable or verify-full.');
  return mode === 'verify-full';
}

/**
 * `loadConfig`, with server URLs that may be given in parts. A secret among them follows the files of all its parts,
 * and has a value for each line of the password's file during a password change.
 * @param compose `withDatabaseUrl`, `withBrokerUrl`, or one after the other
 */
export function loadServers<S extends z.ZodObject>(
  schema: S,
  environment: Environment,
  compose: (environment: Environment) => Environment,
): z.output<S> {
  const config = loadConfig(schema, compose(environment));
  for (const [variable, value] of Object.entries(config)) {
    const [, name] = /^(.*)_URL$/.exec(variable) ?? [];
    const isFile = (given: string) =>
      given.startsWith(`${name}_`) && !/_(CA|CERT|KEY)_FILE$/.test(given) && given.endsWith('_FILE');
    if (value instanceof Secret && name !== undefined && Object.keys(environment).some(isFile))
      value.follow(() => compose(environment)[variable] ?? readVariable(variable, environment) ?? '');
  }
  return config;
}

/** Both servers of a service. */
export const withServiceServers = (environment: Environment): Environment =>
  withBrokerUrl(withDatabaseUrl('DATABASE', environment));

/**
 * In production no secret leaves the pod unencrypted, unless `ALLOW_PLAINTEXT` is on.
 * @throws ConfigError naming the variable to set
 */
export function refusePlaintext(
  environment: Environment,
  urls: Readonly<Record<string, string | Secret>>,
): void {
  if (environment['NODE_ENV'] !== 'production' || environment['ALLOW_PLAINTEXT'] === 'on') return;
  for (const [name, value] of Object.entries(urls))
    for (const each of addressesOf(value)) {
      if (!URL.canParse(each) || isEncrypted(new URL(each)) || isLocal(new URL(each))) continue;
      throw new ConfigError(
        `${name} leads to another host without TLS, which is refused where NODE_ENV=production; ${secured(each)}, or set ALLOW_PLAINTEXT=on where something else encrypts the way there.`,
      );
    }
}

const addressesOf = (value: string | Secret): readonly string[] =>
  (typeof value === 'string' ? [value] : value.values).flatMap((each) =>
    each.startsWith('amqp') ? brokerAddresses(each) : [each],
  );

const secured = (url: string) =>
  url.startsWith('postgres')
    ? 'set sslmode=verify-full in it, or DATABASE_TLS=verify-full'
    : `let it begin with ${url.startsWith('http') ? 'https' : 'amqps'}://, or set RABBITMQ_TLS=verify-full where it is given in parts`;

/** Whether pg or amqplib encrypts the connection. */
function isEncrypted({ protocol, searchParams }: URL): boolean {
  if (!protocol.startsWith('postgres')) return protocol === 'amqps:' || protocol === 'https:';
  const mode = searchParams.getAll('sslmode').at(-1);
  if (mode) return mode !== 'disable';
  if (['sslrootcert', 'sslcert', 'sslkey'].some((parameter) => searchParams.get(parameter))) return true;
  const ssl = searchParams.getAll('ssl').at(-1);
  return ssl !== undefined && ssl !== '' && ssl !== 'false' && ssl !== '0';
}

/** A socket, or loopback: the server, or a proxy beside the service. */
function isLocal({ hostname, searchParams }: URL): boolean {
  const host = (searchParams.get('host') ?? decodeURIComponent(hostname)).replace(/^\[(.*)\]$/, '$1');
  return host === '' || host.startsWith('/') || /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

const reader =
  (name: string, environment: Environment) =>
  (part: string): string | undefined =>
    readVariable(`${name}_${part}`, environment) || undefined;

/** @returns the parts, or undefined if none is given except perhaps the URL */
function partsOf<Part extends string>(
  name: string,
  read: (part: string) => string | undefined,
  needed: readonly Part[],
  url: string | undefined,
): Readonly<Record<Part, string>> | undefined {
  const found = needed.map((part) => [part, read(part)] as const);
  const given = found.filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  if (url !== undefined)
    throw new ConfigError(`${name}_URL and ${name}_${given[0]?.[0]} are both set; set one.`);
  const missing = found.filter(([, value]) => value === undefined).map(([part]) => `${name}_${part}`);
  if (missing.length > 0)
    throw new ConfigError(`${missing.join(' and ')} must be set beside ${name}_${given[0]?.[0]}.`);
  return Object.fromEntries(given) as Record<Part, string>;
}

function refuseAddress(name: string, urls: readonly string[]): void {
  if (!urls.every((each) => URL.canParse(each)))
    throw new ConfigError(`${name}_HOST and ${name}_PORT must be a host name or address, and a port.`);
}

/** Credentials for the authority of a URL: one for each line of the password, which has several during a change. */
const loginsOf = ({ USER, PASSWORD }: { readonly USER: string; readonly PASSWORD: string }): string[] =>
  linesOf(PASSWORD).map((password) => `${encode(USER)}:${encode(password)}`);

const linesOf = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== '');

/** Some parsers reject characters that `encodeURIComponent` leaves unescaped. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const hostOf = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

function replaced(environment: Environment, name: string, url: string): Environment {
  const { [`${name}_URL_FILE`]: _file, ...rest } = environment;
  return { ...rest, [`${name}_URL`]: url };
}
