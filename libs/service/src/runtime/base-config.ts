import { brokerAddresses, brokerAddressesMeaning } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import { topologyModes } from '@bulkhead/messaging/rabbitmq/topology-of-service';
import { z } from 'zod';
import { ConfigError, decimal, integer, toggle, url } from '../config';
import { devIssuer } from '../identity/dev-issuer';
import { secret, type Secret, secretText } from '../secret';
import type { Mode } from '../service';
import { ResilienceConfig } from './resilience-config';

/** Those of OpenTelemetry's specification. */
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The variables that every process has. */
export const ProcessConfig = ResilienceConfig.extend({
  NODE_ENV: z
    .enum(['production', 'development', 'test'], 'must be production, development or test')
    .default('development'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('base URL of an OTLP receiver'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/json', 'http/protobuf', 'grpc'], 'must be http/json, http/protobuf or grpc')
    .optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'console', 'none'], 'must be otlp, console or none').optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers, `must be one of ${samplers.join(', ')}`)
    .optional()
    .describe('sampler; overrides TRACES_MODE and TRACES_RATIO'),
  OTEL_TRACES_SAMPLER_ARG: decimal(0, 1).optional().describe('ratio of traces, for traceidratio'),
  AUTO_INSTRUMENTATION: toggle('off').describe(
    'OpenTelemetry’s instrumentations of packages, where @opentelemetry/auto-instrumentations-node is installed',
  ),
  TRACES_MODE: z.enum(['head', 'tail'], 'must be head or tail').default('head'),
  TRACES_RATIO: decimal(0, 1).default(0.05).describe('ratio of traces that are always kept'),
  TIMERS: z
    .enum(['usual', 'fast'], 'must be usual or fast')
    .default('usual')
    .describe('durations of leases, retries and probes; fast is for experiments'),
  FAULTS: toggle('off').describe('fault injection on the admin port'),
  ADMIN_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .max(500)
    .optional()
    .describe('credential required for changes on the admin port'),
});
export type ProcessConfig = z.output<typeof ProcessConfig>;

/** The listener of a service's API. */
export const ListenerConfig = z.object({
  KEEP_ALIVE_TIMEOUT_MS: integer(5_000, 3_700_000)
    .prefault('65000')
    .describe(
      'ms that an idle connection stays; must be more than a load balancer in front keeps its own (Google: 600000)',
    ),
});

/** The variables of a service that runs as a separate process. */
export const ServiceConfig = ProcessConfig.extend({
  ...ListenerConfig.shape,
  PORT: integer(0, 65_535).default(8080),
  ADMIN_PORT: integer(0, 65_535).default(9090),
  HOST: z.string().max(253).optional().describe('address to listen on; default all'),
  SHUTDOWN_GRACE_MS: integer(0, 120_000)
    .default(15_000)
    .describe('grace period for open requests at shutdown in ms'),
  SERVICE_IDENTITY_DIR: z.string().min(1).describe('folder with one service token per peer'),
  SERVICE_IDENTITY_ISSUER: z
    .string()
    .min(1)
    .optional()
    .describe('issuer of service tokens; default: that of the service’s own token in the identity folder'),
  SERVICE_IDENTITY_SUBJECT_PREFIX: z.string().min(1).default('system:serviceaccount:dev:'),
  SERVICE_IDENTITY_JWKS: z
    .string()
    .min(1)
    .optional()
    .describe('URL or file of the issuer’s keys; default: jwks.json next to the identity folder'),
  SERVICE_IDENTITY_JWKS_CA: secretText()
    .optional()
    .describe('certificate authority of that URL (the cluster’s), in PEM'),
  SERVICE_IDENTITY_JWKS_TOKEN_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('file with the token for that URL, read for each request'),
});
export type ServiceConfig = z.output<typeof ServiceConfig>;

/** How long a service waits for its own database and for the broker. */
export const DependencyConfig = z.object({
  DATABASE_ACQUIRE_TIMEOUT_MS: integer(10, 60_000)
    .prefault('5000')
    .describe('timeout for a connection from the pool in ms'),
  DATABASE_STATEMENT_TIMEOUT_MS: integer(10, 600_000)
    .prefault('10000')
    .describe('timeout of a statement in ms'),
  BROKER_WINDOW: integer(1, 10_000).prefault('300').describe('maximum number of unconfirmed events'),
  BROKER_CONFIRM_TIMEOUT_MS: integer(100, 60_000)
    .prefault('10000')
    .describe('timeout for a publisher confirm in ms, after which the channel is replaced'),
});

/** The text of certificates in PEM; Node.js accepts any text, and then trusts no authority. */
export const certificates = () =>
  z.string().includes('-----BEGIN CERTIFICATE-----', 'must be certificates in PEM, not the name of a file');

/** One URL of RabbitMQ, or several of one cluster separated by commas. */
export const brokerUrls = () => z.string().refine(areBrokerAddresses, brokerAddressesMeaning);

function areBrokerAddresses(text: string): boolean {
  try {
    return brokerAddresses(text).length > 0;
  } catch {
    return false;
  }
}

/** The additional variables of a service with a database. */
export const DatabaseConfig = DependencyConfig.extend({
  DATABASE_URL: secret(url('postgres', 'postgresql')).describe(
    'the service’s own database, as its application role',
  ),
  DATABASE_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('file with the certificate authorities for PostgreSQL, in PEM; read for each connection'),
  DATABASE_POOL_SIZE: integer(1, 200).default(10),
  RABBITMQ_URL: secret(brokerUrls()).describe(
    'the broker or brokers of one cluster, as the service’s own user',
  ),
  RABBITMQ_CA: secretText(certificates()).optional().describe('certificate authorities for amqps, in PEM'),
  RABBITMQ_CERT: secretText(certificates()).optional().describe('client certificate for the broker, in PEM'),
  RABBITMQ_KEY: secretText().optional().describe('key of that certificate, in PEM'),
  RABBITMQ_PREFIX: z
    .string()
    .regex(/^[a-z0-9.-]{0,40}$/, 'must be up to 40 of a–z, 0–9, dot and dash')
    .optional()
    .describe('prefix of the names of the exchange and the queues'),
  RABBITMQ_TOPOLOGY: z
    .enum(topologyModes, 'must be declare or check')
    .default('declare')
    .describe(
      'check if exchanges and queues are managed by an administrator, so that the service declares none',
    ),
});
export type DatabaseConfig = z.output<typeof DatabaseConfig>;

/** `<PEER>_URL` for each peer. */
export const peerUrls = (peers: readonly string[]) =>
  z.object(
    Object.fromEntries(
      peers.map((peer) => [
        `${peer.toUpperCase()}_URL`,
        url('http', 'https').describe(`where ${peer} listens`),
      ]),
    ),
  );

/** Rejects development settings that are dangerous elsewhere, and secrets that can be guessed. @throws ConfigError */
export function refuseInProduction(
  mode: Mode,
  config: {
    FAULTS: boolean;
    RESILIENCE?: boolean;
    TIMERS?: 'usual' | 'fast';
    ADMIN_TOKEN?: string | undefined;
    SERVICE_IDENTITY_ISSUER?: string;
  },
): void {
  if (mode !== 'production' && config.FAULTS && config.ADMIN_TOKEN === undefined)
    throw new ConfigError('FAULTS=on needs ADMIN_TOKEN, with which faults are set.');
  if (mode !== 'production') return;
  if (config.RESILIENCE === false)
    throw new ConfigError('RESILIENCE=off is refused where NODE_ENV=production.');
  if (config.TIMERS === 'fast')
    throw new ConfigError(
      'TIMERS=fast is refused where NODE_ENV=production: it would run over peers in trouble.',
    );
  if (config.FAULTS) throw new ConfigError('FAULTS=on is refused where NODE_ENV=production.');
  if (config.SERVICE_IDENTITY_ISSUER === devIssuer)
    throw new ConfigError(
      'SERVICE_IDENTITY_ISSUER is the development issuer, which is refused where NODE_ENV=production; name the cluster’s.',
    );
}

const defaultPasswords = new Set(['guest', 'postgres', 'password', 'secret', 'admin', 'root', 'changeme']);

/** Rejects the default credentials of servers. @throws ConfigError */
export function refuseDefaultPasswords(
  mode: Mode,
  urls: { readonly DATABASE_URL: Secret; readonly RABBITMQ_URL: Secret },
): void {
  if (mode !== 'production') return;
  const given = [
    ['DATABASE_URL', urls.DATABASE_URL.values] as const,
    ['RABBITMQ_URL', urls.RABBITMQ_URL.values.flatMap(brokerAddresses)] as const,
  ];
  for (const [name, logins] of given)
    if (logins.some(hasDefaultPassword))
      throw new ConfigError(
        `${name} holds a default password, which is refused where NODE_ENV=production; give the service one of its own.`,
      );
}

function hasDefaultPassword(url: string): boolean {
  const { username, password } = new URL(url);
  return password !== '' && (password === username || defaultPasswords.has(password));
}
