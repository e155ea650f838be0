import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint, Endpoints } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { ServiceDatabase } from '@bulkhead/database/pool';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Subscription } from '@bulkhead/messaging/subscription';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Faults } from '@bulkhead/resilience/faults';
import type { Policy, PolicyObserver } from '@bulkhead/resilience/policy';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Metrics } from '@bulkhead/telemetry/metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import type { Express } from 'express';
import type { JSONWebKeySet } from 'jose';
import type { z } from 'zod';
import type { Environment } from './config';
import type { PeerPolicies } from './http/peer-policies';
import type { Client } from './http/client';
import type { Operation } from './http/operation';
import type { Ids } from './ids';
import type { Probe } from './preflight/probe';
import type { BreakerSettings } from './runtime/resilience-config';
import type { Timers } from './runtime/timers';
import type { Job } from './runtime/jobs';

/** A service as a function of its dependencies. It never knows whether it runs alone or beside the others. */
export interface ServiceDefinition<C extends z.ZodObject = z.ZodObject> {
  readonly name: ServiceName;
  /** Its own environment variables, beyond those every service has; see loadConfig. */
  readonly config: C;
  /** The services it calls. */
  readonly peers: readonly ServiceName[];
  /** Has it a database of its own? Its migrations lie in `prisma/migrations`. */
  readonly database: boolean;
  /** PostgreSQL extensions its migrations expect. */
  readonly extensions?: readonly string[];
  /** What an operator runs in its image beside what every service has, by name: `main.js orders stuck`. */
  readonly commands?: Readonly<Record<string, OperatorCommand>>;
  /** What no schema of single variables can say. @throws ConfigError; called before `create` */
  checkConfig?(config: z.output<C>, mode: Mode): void;
  /** What `main.js preflight` looks at, beyond what every service needs. @throws ConfigError */
  preflight?(config: z.output<C>, mode: Mode): readonly Probe[];
  create(dependencies: Dependencies<z.output<C>>): Promise<Service> | Service;
}

/** Works on the service's own data. @returns the exit code: 1 for failure, 2 for arguments that it cannot understand */
export type OperatorCommand = (args: readonly string[], environment: Environment) => Promise<number>;

/** What a service is made of. */
export interface Service {
  readonly operations: readonly Operation[];
  readonly subscriptions?: readonly Subscription[];
  readonly jobs?: readonly Job[];
  /**
   * Adds to the service's Express app what stands before its operations: `app.use` of any middleware, routes that have no
   * contract. What it throws is answered with a problem.
   */
  configure?(app: Express): void;
  /** An Express app in place of `operations`: the gateway's. */
  readonly app?: Express;
  /** The keys of the users' access tokens, where they are made: auth. Everyone else asks auth for them. */
  readonly userKeys?: () => Promise<JSONWebKeySet>;
  /** Releases what `create` took. Called once, after requests, consumers and jobs have ended. */
  stop?(): Promise<void>;
}

/** The names that environment a service runs in: what is convenient in development is refused in production. */
export type Mode = 'production' | 'development' | 'test';

export interface Dependencies<C = Record<string, unknown>> {
  readonly config: C;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly faults: Faults;
  /** How long to wait for what may come back. */
  readonly timers: Timers;
  /** The service's own database; `withPrisma` gives it its client. Accessing it without `database: true` throws. */
  readonly database: ServiceDatabase;
  readonly outbox: Outbox;
  /** The typed client of a peer named in `peers`. */
  peer<E extends Endpoints>(name: ServiceName, endpoints: E): Client<E>;
  /** Forwards whole requests to a peer; the gateway's. */
  upstream(name: ServiceName): Upstream;
  /** What stands between this service and a peer: for decisions that depend on how the peer is doing. */
  policiesOf(name: ServiceName): PeerPolicies;
  /** A queue and limit of requests at once for each peer, as this process is configured; their sums are seen in metrics. */
  createLimits(peers: readonly ServiceName[]): ReadonlyMap<ServiceName, AdmissionQueue>;
  /** How this process is configured to open and close breakers; for policies of the service's own. */
  readonly breakers: BreakerSettings;
  /** Shows a policy of the service's own (a provider, a mail server) as those of its peers are shown. */
  readonly policyObserver: PolicyObserver;
  watchPolicy(policy: Policy): void;
  /** Aborts when the service begins to shut down. */
  readonly shutdown: AbortSignal;
}

/** A peer's HTTP side, to which the gateway passes requests and streams through. */
export interface Upstream {
  /**
   * Passes the request on and writes the peer's answer; the headers given replace the request's own.
   * @throws PeerUnavailable or DeadlineExceeded while nothing has been written yet; CallerGone
   * @returns the status that was written
   */
  forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): Promise<number>;
}

export interface ForwardOptions {
  /** What is asked, for metrics and traces. */
  readonly endpoint: Pick<Endpoint, 'operationId' | 'method' | 'path'>;
  /** Path and query as the peer shall see them. */
  readonly target: string;
  /**
   * All request headers to send, by lower-case name; hop-by-hop and internal ones already removed. They are the
   * upstream's: it adds its own.
   */
  readonly headers: Record<string, string | string[]>;
  /** ms the peer has to answer; undefined for streams. */
  readonly timeoutMs: number | undefined;
  /** The request's body, which has been read; `headers` tell its length. */
  readonly body: Buffer | undefined;
  /** Headers to set on the answer, over the peer's. */
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly priority: 'browse' | 'buy' | 'pay';
  /** Ends the answer in order where it is, once aborted: for streams, which a client takes up again elsewhere. */
  readonly endWhen?: AbortSignal;
}
