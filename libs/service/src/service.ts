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

/** A service as a function of its dependencies. It never knows whether it runs alone or in one process with others. */
export interface ServiceDefinition<C extends z.ZodObject = z.ZodObject> {
  readonly name: ServiceName;
  /** Its own environment variables, beyond those every service has; see loadConfig. */
  readonly config: C;
  /** The services it calls. */
  readonly peers: readonly ServiceName[];
  /** Whether it has its own database. Its migrations are in `prisma/migrations`. */
  readonly database: boolean;
  /** PostgreSQL extensions its migrations expect. */
  readonly extensions?: readonly string[];
  /** Its own operator commands in addition to those of every service, by name: `main.js orders stuck`. */
  readonly commands?: Readonly<Record<string, OperatorCommand>>;
  /** Validation beyond the schemas of single variables. @throws ConfigError; called before `create` */
  checkConfig?(config: z.output<C>, mode: Mode): void;
  /** Its own checks of `main.js preflight`, in addition to those of every service. @throws ConfigError */
  preflight?(config: z.output<C>, mode: Mode): readonly Probe[];
  create(dependencies: Dependencies<z.output<C>>): Promise<Service> | Service;
}

/** Works on the service's own data. @returns the exit code: 1 for failure, 2 for invalid arguments */
export type OperatorCommand = (args: readonly string[], environment: Environment) => Promise<number>;

/** The parts of a service. */
export interface Service {
  readonly operations: readonly Operation[];
  readonly subscriptions?: readonly Subscription[];
  readonly jobs?: readonly Job[];
  /**
   * Adds to the service's Express app what runs before its operations: any middleware with `app.use`, and routes
   * without a contract. Its errors become problems.
   */
  configure?(app: Express): void;
  /** An Express app instead of `operations`: the gateway's. */
  readonly app?: Express;
  /** The keys of users' access tokens, in the service that issues them: auth. All others fetch them from auth. */
  readonly userKeys?: () => Promise<JSONWebKeySet>;
  /** Releases the resources of `create`. Called once, after requests, consumers and jobs have ended. */
  stop?(): Promise<void>;
}

/** The environment of a service: development settings are rejected in production. */
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
  /** Delays before something that failed is tried again. */
  readonly timers: Timers;
  /** The service's own database; `withPrisma` connects its client. Accessing it without `database: true` throws. */
  readonly database: ServiceDatabase;
  readonly outbox: Outbox;
  /** The typed client of a peer named in `peers`. */
  peer<E extends Endpoints>(name: ServiceName, endpoints: E): Client<E>;
  /** Proxies requests to a peer; the gateway's. */
  upstream(name: ServiceName): Upstream;
  /** The policies between this service and a peer: for decisions that depend on the peer's state. */
  policiesOf(name: ServiceName): PeerPolicies;
  /** A concurrency limit with a queue for each peer, as configured for this process; metrics show their sums. */
  createLimits(peers: readonly ServiceName[]): ReadonlyMap<ServiceName, AdmissionQueue>;
  /** Breaker settings of this process; for policies of the service's own. */
  readonly breakers: BreakerSettings;
  /** Adds a policy of the service's own (a provider, a mail server) to the metrics, like those of its peers. */
  readonly policyObserver: PolicyObserver;
  watchPolicy(policy: Policy): void;
  /** Aborts when the service starts to shut down. */
  readonly shutdown: AbortSignal;
}

/** A peer's HTTP side, to which the gateway proxies requests and streams. */
export interface Upstream {
  /**
   * Proxies the request and writes the peer's response; the given headers replace the request's own.
   * @throws PeerUnavailable or DeadlineExceeded while nothing has been written yet; CallerGone
   * @returns the status that was written
   */
  forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): Promise<number>;
}

export interface ForwardOptions {
  /** The operation, for metrics and traces. */
  readonly endpoint: Pick<Endpoint, 'operationId' | 'method' | 'path'>;
  /** Path and query sent to the peer. */
  readonly target: string;
  /**
   * All request headers to send, by lower-case name; hop-by-hop and internal ones already removed. The upstream owns
   * the object and adds its own.
   */
  readonly headers: Record<string, string | string[]>;
  /** Timeout of the peer in ms; undefined for streams. */
  readonly timeoutMs: number | undefined;
  /** The request's body, already read; `headers` contain its length. */
  readonly body: Buffer | undefined;
  /** Headers to set on the response, over the peer's. */
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly priority: 'browse' | 'buy' | 'pay';
  /** Aborting it ends the response cleanly: for streams, which a client resumes elsewhere. */
  readonly endWhen?: AbortSignal;
}
