import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { devIssuer, devSubjectPrefix } from '@bulkhead/service/identity/dev-issuer';
import type { ServiceDefinition } from '@bulkhead/service/service';
import type { LocalConfig } from '../config';
import type { LocalBroker } from './broker';
import type { LocalDatabases } from './databases';
import { originOf } from './door';
import { serviceEnvironment, type EnvironmentOptions } from './environment';
import type { Place } from './fleet';
import { givenVariables } from './given-variables';

export interface ProcessEnvironmentOptions extends EnvironmentOptions {
  readonly config: LocalConfig;
  /** Their log level. */
  readonly logLevel: string;
  readonly definitions: readonly ServiceDefinition[];
  readonly databases: LocalDatabases;
  readonly broker: LocalBroker;
  /** The address of every service of the shop. */
  readonly places: ReadonlyMap<ServiceName, Place>;
  /** In the layout of issueDevIdentities. */
  readonly identityDir: string;
}

/** The complete environment of a service that runs as a process on this machine. */
export function processEnvironments(
  options: ProcessEnvironmentOptions,
): (name: ServiceName) => Record<string, string> {
  const { config, definitions, databases, broker, places, identityDir, logLevel, secrets } = options;
  const shared = {
    ...serviceEnvironment(options),
    NODE_ENV: config.NODE_ENV,
    HOST: config.HOST,
    LOG_LEVEL: logLevel,
    ADMIN_TOKEN: config.ADMIN_TOKEN ?? secrets.adminToken,
    FAULTS: config.FAULTS ? 'on' : 'off',
    SERVICE_IDENTITY_ISSUER: devIssuer,
    SERVICE_IDENTITY_SUBJECT_PREFIX: devSubjectPrefix,
    ...Object.fromEntries(
      [...places].map(([name, { port }]) => [`${name.toUpperCase()}_URL`, originOf(config.HOST, port)]),
    ),
  };
  return (name) => ({
    ...shared,
    ...givenVariables(
      definitions.find((definition) => definition.name === name)!,
      process.env,
    ),
    PORT: String(places.get(name)!.port),
    ADMIN_PORT: String(places.get(name)!.adminPort),
    SERVICE_IDENTITY_DIR: join(identityDir, name),
    ...(databases.byService.has(name) ? { DATABASE_URL: databases.byService.get(name)!.nearUrl } : {}),
    ...(broker.urls.has(name) ? { RABBITMQ_URL: broker.urls.get(name)! } : {}),
  });
}
