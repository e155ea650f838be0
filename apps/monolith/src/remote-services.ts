import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { MessagingObserver } from '@bulkhead/messaging/observer';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import type { Transport } from '@bulkhead/messaging/transport';
import type { Clock } from '@bulkhead/resilience/clock';
import type { PeerTransport } from '@bulkhead/service/http/client';
import { createHttpTransport } from '@bulkhead/service/http/http-transport';
import { createHttpUpstream } from '@bulkhead/service/http/http-upstream';
import { PeerPool } from '@bulkhead/service/http/peer-pool';
import { devIssuer, devSubjectPrefix } from '@bulkhead/service/identity/dev-issuer';
import { createFileKeySet, createUrlKeySet, type KeySet } from '@bulkhead/service/identity/key-set';
import { createRefusalLog } from '@bulkhead/service/identity/refusal-log';
import {
  createFileServiceTokens,
  createServiceIdentityVerifier,
  type ServiceIdentityVerifier,
  serviceTokenHeader,
} from '@bulkhead/service/identity/service-identity';
import type { Timers } from '@bulkhead/service/runtime/timers';
import type { Upstream } from '@bulkhead/service/service';
import type { Logger } from '@bulkhead/telemetry/logger';

/** The addresses of services that run outside this process, and the means of communication with them. */
export interface RemoteServices {
  /** The address of each. */
  readonly urls: ReadonlyMap<ServiceName, string>;
  /** Tokens and keys of all services, in the layout of `issueDevIdentities`. */
  readonly identityDir: string;
  readonly broker: {
    /** URL of each service with a database, as its own user. */
    readonly urls: ReadonlyMap<ServiceName, string>;
    readonly ca: string | undefined;
    /** Prefix of the names of exchange and queues. */
    readonly prefix: string | undefined;
  };
}

/** The links of a shop with services in other processes: authenticated as between separate processes. */
export interface RemoteLinks {
  has(service: ServiceName): boolean;
  peerTransport(caller: ServiceName, peer: ServiceName): PeerTransport;
  upstream(caller: ServiceName, peer: ServiceName): Upstream;
  /** Accepts callers in this process without a token, and others by their signed token. */
  verifierOf(
    service: ServiceName,
    inProcess: ServiceIdentityVerifier,
    logger: Logger,
  ): ServiceIdentityVerifier;
  /** Transports the events of a service of this process: its consumers may be in other processes. */
  transportOf(service: ServiceName): (observer: MessagingObserver) => Transport;
  /** The keys of the users' access tokens, if auth is in another process. */
  userKeys(): KeySet;
  close(): Promise<void>;
}

const connections = 64;

export function linkRemoteServices(
  remote: RemoteServices,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
): RemoteLinks {
  const { urls, identityDir, broker } = remote;
  const serviceKeys = createFileKeySet(join(identityDir, 'jwks.json'), clock);
  const pools: PeerPool[] = [];
  const transports: Transport[] = [];
  const tokensOf = (caller: ServiceName) => createFileServiceTokens(join(identityDir, caller), clock);
  const poolOf = (peer: ServiceName) => {
    const pool = new PeerPool(urls.get(peer)!, { connections, clock });
    pools.push(pool);
    return pool;
  };

  return {
    has: (service) => urls.has(service),
    peerTransport: (caller, peer) => createHttpTransport(peer, poolOf(peer), tokensOf(caller)),
    upstream: (caller, peer) => createHttpUpstream(peer, poolOf(peer), tokensOf(caller)),
    verifierOf(service, inProcess, logger) {
      const signed = createServiceIdentityVerifier({
        keys: serviceKeys,
        issuers: async () => [devIssuer],
        audience: service,
        subjectPrefix: devSubjectPrefix,
        clock,
        log: createRefusalLog(logger, clock),
      });
      return {
        known: (token) => inProcess.known(token) ?? signed.known(token),
        verify: async (token) => inProcess.known(token) ?? signed.verify(token),
      };
    },
    transportOf: (service) => (observer) => {
      const transport = createRabbitMqTransport({
        url: broker.urls.get(service)!,
        ...(broker.ca === undefined ? {} : { ca: broker.ca }),
        ...(broker.prefix === undefined ? {} : { prefix: broker.prefix }),
        service,
        subscriptions: Object.values(subscriptions),
        clock,
        retryDelaysMs: timers.retryDelaysMs,
        reconnectMs: timers.reconnectMs,
        observer,
      });
      transports.push(transport);
      return transport;
    },
    userKeys() {
      const tokens = tokensOf('gateway');
      return createUrlKeySet(`${urls.get('auth')!}/.well-known/jwks.json`, clock, {
        headers: async () => ({ [serviceTokenHeader]: await tokens.tokenFor('auth') }),
      });
    },
    async close() {
      await Promise.all(transports.map((transport) => transport.close()));
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}
