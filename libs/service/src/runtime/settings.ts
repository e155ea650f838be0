import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { type Clock, systemClock } from '@bulkhead/resilience/clock';
import { ConfigError, type Environment, loadConfig } from '../config';
import { createFileKeySet, createUrlKeySet, type KeySet } from '../identity/key-set';
import { createFileServiceTokens, createOwnIssuers, type Issuers } from '../identity/service-identity';
import { loadServers, refusePlaintext, withServiceServers } from '../server-url';
import type { ServiceDefinition } from '../service';
import {
  DatabaseConfig,
  peerUrls,
  refuseDefaultPasswords,
  refuseInProduction,
  ServiceConfig,
} from './base-config';

/** The validated environment of a service. */
export interface ServiceSettings {
  readonly base: ServiceConfig;
  /** The service's own variables. */
  readonly own: Record<string, unknown>;
  /** For a service with a database. */
  readonly database: DatabaseConfig | undefined;
  /** The services it calls: its peers, and auth, whose keys verify users' tokens. */
  readonly peers: readonly ServiceName[];
  /** `<PEER>_URL` of each of them, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Issuer of service tokens: as configured, otherwise that of the service's own token. */
  readonly issuer: string;
  readonly ownIssuers: Issuers;
}

/** @throws ConfigError */
export async function readSettings(
  definition: ServiceDefinition,
  environment: Environment,
): Promise<ServiceSettings> {
  const base = loadConfig(ServiceConfig, environment);
  const ownIssuers = createOwnIssuers(
    createFileServiceTokens(base.SERVICE_IDENTITY_DIR, systemClock),
    definition.name,
  );
  const issuer = base.SERVICE_IDENTITY_ISSUER ?? (await readOwnIssuer(definition, base, ownIssuers));
  refuseInProduction(base.NODE_ENV, { ...base, SERVICE_IDENTITY_ISSUER: issuer });
  const own = loadConfig(definition.config, environment);
  const database = definition.database
    ? loadServers(DatabaseConfig, environment, withServiceServers)
    : undefined;
  if (database) {
    const { DATABASE_URL, RABBITMQ_URL } = database;
    refuseDefaultPasswords(base.NODE_ENV, database);
    refusePlaintext(environment, { DATABASE_URL, RABBITMQ_URL });
  }
  const peers = [...new Set<ServiceName>([...definition.peers, 'auth'])].filter(
    (peer) => peer !== definition.name,
  );
  const urls = loadConfig(peerUrls(peers), environment) as Record<string, string>;
  return { base, own, database, peers, urls, issuer, ownIssuers };
}

/** @throws ConfigError when the service has no token to read it from */
async function readOwnIssuer(
  { name }: ServiceDefinition,
  { SERVICE_IDENTITY_DIR }: ServiceConfig,
  ownIssuers: Issuers,
): Promise<string> {
  const [issuer] = await ownIssuers().catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `SERVICE_IDENTITY_ISSUER is missing, and cannot be read from the service's own token ${join(SERVICE_IDENTITY_DIR, name)} (${error.code ?? error.message}); set it, or mount a token there.`,
    );
  });
  return issuer!;
}

/** Location of the keys that verify peers' service tokens: a URL or a file. */
export const placeOfIssuerKeys = (config: ServiceConfig): string =>
  config.SERVICE_IDENTITY_JWKS ?? join(config.SERVICE_IDENTITY_DIR, '..', 'jwks.json');

/** The keys that verify peers' service tokens: from a cluster's API server, or from a file. */
export function issuerKeys(config: ServiceConfig, clock: Clock): KeySet {
  const place = placeOfIssuerKeys(config);
  if (!/^https?:/.test(place)) return createFileKeySet(place, clock);
  const { SERVICE_IDENTITY_JWKS_CA: ca, SERVICE_IDENTITY_JWKS_TOKEN_FILE: tokenFile } = config;
  return createUrlKeySet(place, clock, {
    ...(ca === undefined ? {} : { ca: () => ca.value }),
    ...(tokenFile === undefined
      ? {}
      : {
          headers: async () => ({ authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` }),
        }),
  });
}
