import type { Endpoint, Endpoints } from '@bulkhead/contracts/endpoint';
import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { PooledDatabase } from '@bulkhead/database/pool';
import { type Consumers, createConsumers } from '@bulkhead/messaging/consumers';
import type { MessagingObserver, RunInSpan } from '@bulkhead/messaging/observer';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { prune } from '@bulkhead/messaging/prune';
import { createRelay, type Relay } from '@bulkhead/messaging/relay';
import type { Transport } from '@bulkhead/messaging/transport';
import { withBrokerFaults, withConsumerFaults } from '@bulkhead/messaging/faulty-transport';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Faults } from '@bulkhead/resilience/faults';
import { createHttpClientMetrics, type WatchedPolicy } from '@bulkhead/telemetry/http-client-metrics';
import { createHttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import { createLimitMetrics } from '@bulkhead/telemetry/limit-metrics';
import { runInMessageSpan } from '@bulkhead/telemetry/message-span';
import { createMessagingMetrics } from '@bulkhead/telemetry/messaging-metrics';
import { collectPostgresqlMetrics } from '@bulkhead/telemetry/postgresql-metrics';
import type { Telemetry } from '@bulkhead/telemetry/telemetry';
import type { Express } from 'express';
import { createHttpApp } from '../http/app';
import { observePipeline } from '../http/observe-request';
import { observePolicy } from '../http/observe-policy';
import { observeUpstream } from '../http/observed-upstream';
import { createClient, type PeerTransport } from '../http/client';
import { withPeerFaults, withUpstreamFaults } from '../http/faulty-peer';
import { createPeerPolicies, type PeerPolicies } from '../http/peer-policies';
import { createPipeline, type Pipeline } from '../http/pipeline';
import type { Ids } from '../ids';
import { createKeySet, type KeySet } from '../identity/key-set';
import type { ServiceIdentityVerifier } from '../identity/service-identity';
import { refreshUserKeys } from '../identity/refresh-user-keys';
import { createUserTokenVerifier } from '../identity/user-tokens';
import type { Dependencies, Mode, ServiceDefinition, Upstream } from '../service';
import { createBrokerLog } from './broker-log';
import { type Job, type RunningJobs, startJobs } from './jobs';
import { requirePromised, requireSubscribed } from './promised-endpoints';
import { defaultResilience, type Resilience } from './resilience-config';
import type { Timers } from './timers';

/** What a composition root provides for one service. */
export interface Infrastructure {
  readonly mode: Mode;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly faults: Faults;
  /** Default: `defaultResilience`. */
  readonly resilience?: Resilience;
  readonly timers: Timers;
  readonly database: PooledDatabase | undefined;
  /** Transports events; undefined for services without a database. */
  readonly transport: Transport | ((observer: MessagingObserver) => Transport) | undefined;
  readonly identities: ServiceIdentityVerifier;
  /** Keys of the users' access tokens. */
  readonly userKeys: KeySet;
  /** The endpoints that the service must implement; see promisedBy. */
  readonly promised: readonly Endpoint[];
  /** The consumer groups that it must handle; see groupsOf. */
  readonly hears: readonly string[];
  peerTransport(peer: ServiceName): PeerTransport;
  upstream(peer: ServiceName): Upstream;
}

/** An assembled service that does not serve yet. */
export interface AssembledService {
  readonly definition: ServiceDefinition;
  readonly app: Express;
  /** For calls from peers in the same process. */
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  /** Starts consuming, relaying and running jobs. @returns when the service is ready: see Job.beforeReady */
  start(): Promise<void>;
  /**
   * Stops streams, jobs and consumers immediately; what requests need is released when the last of them has ended.
   * @param graceMs ms for messages in progress
   * @param requestsEnded settles when no request is in progress any more; bounded by the caller
   */
  stop(graceMs: number, requestsEnded: Promise<unknown>): Promise<void>;
}

export async function assembleService(
  definition: ServiceDefinition,
  config: Record<string, unknown>,
  infrastructure: Infrastructure,
): Promise<AssembledService> {
  const {
    telemetry,
    clock,
    ids,
    faults,
    timers,
    database,
    mode,
    random,
    resilience = defaultResilience,
  } = infrastructure;
  const { logger, metrics, tracing } = telemetry;
  const shutdown = new AbortController();
  const peers = createPeers(definition, infrastructure);
  const messaging = createMessaging(definition, infrastructure);
  if (database) collectPostgresqlMetrics(metrics, { database, monotonic: () => clock.monotonic() });
  const limitMetrics = createLimitMetrics(metrics);
  const createLimit = (atMost?: number) =>
    limitMetrics.watch(resilience.createLimit(clock, limitMetrics.observer, atMost));
  // Not more than the bulkhead admits concurrently: otherwise there would be a queue behind a queue.
  const createLimits = (names: readonly ServiceName[]) =>
    new Map(names.map((peer) => [peer, createLimit(peers.policies(peer).bulkhead.maxConcurrent)]));

  const dependencies: Dependencies = {
    config,
    mode,
    clock,
    ids,
    random,
    logger,
    metrics,
    tracing,
    faults,
    timers,
    get database() {
      if (!database) throw new Error(`${definition.name} has no database`);
      return database;
    },
    get outbox() {
      if (!messaging) throw new Error(`${definition.name} has no outbox`);
      return messaging.outbox;
    },
    peer: peers.client,
    policiesOf: peers.policies,
    upstream: peers.upstream,
    createLimits,
    breakers: resilience.breakers,
    watchPolicy: peers.watchPolicy,
    policyObserver: peers.policyObserver,
    shutdown: shutdown.signal,
  };
  definition.checkConfig?.(config, mode);
  const service = await definition.create(dependencies);
  requirePromised(definition.name, service.operations, infrastructure.promised);
  requireSubscribed(definition.name, service.subscriptions ?? [], infrastructure.hears);

  // A custom app of the service measures its own requests.
  const serverMetrics = service.app ? undefined : createHttpServerMetrics(metrics);
  const userKeys = service.userKeys ? createKeySet(service.userKeys, clock) : infrastructure.userKeys;
  const pipelineDependencies = serverMetrics && {
    service: definition.name,
    users: createUserTokenVerifier(userKeys, clock),
    limit: createLimit(),
    faults,
    logger,
    metrics: serverMetrics,
    clock,
    checkAnswers: mode !== 'production',
  };
  const pipelines = new Map(
    pipelineDependencies &&
      service.operations.map((operation) => [
        operation.endpoint.operationId,
        createPipeline(operation, pipelineDependencies),
      ]),
  );
  const app =
    service.app ??
    createHttpApp(
      service.operations,
      pipelines,
      {
        ...pipelineDependencies!,
        ids,
        identities: infrastructure.identities,
        tracing,
        shutdown: shutdown.signal,
      },
      service.configure,
    );

  const consumers = messaging?.consumers(service.subscriptions ?? []);
  let jobs: RunningJobs | undefined;
  return {
    definition,
    app,
    pipelines: new Map(
      [...pipelines].map(([id, pipeline]) => [
        id,
        observePipeline(pipeline, { tracing, metrics: serverMetrics!, clock }),
      ]),
    ),
    start() {
      messaging?.relay.start();
      consumers?.start();
      jobs = startJobs(
        [
          ...(service.jobs ?? []),
          ...(messaging?.jobs ?? []),
          ...(pipelineDependencies ? [refreshUserKeys(userKeys)] : []),
        ],
        { clock, logger, random },
      );
      return jobs.ready;
    },
    async stop(graceMs, requestsEnded) {
      shutdown.abort(new Error('shutting down'));
      await Promise.all([requestsEnded, consumers?.stop(graceMs), jobs?.stop()]);
      await service.stop?.();
      await messaging?.relay.flush(Math.min(graceMs, 5_000));
      await messaging?.relay.stop();
      await peers.close();
    },
  };
}

function createPeers({ name, peers }: ServiceDefinition, infrastructure: Infrastructure) {
  const { telemetry, clock, peerTransport, faults, resilience = defaultResilience } = infrastructure;
  const clientMetrics = createHttpClientMetrics(telemetry.metrics);
  const policyObserver = observePolicy(clientMetrics.policyObserver, telemetry.tracing);
  const known = new Map<ServiceName, { transport: PeerTransport; policies: PeerPolicies }>();
  for (const peer of peers) {
    const policies = createPeerPolicies(peer, clock, policyObserver, resilience.peers);
    const { breaker, bulkhead, retryBudget } = policies;
    clientMetrics.watch({ name: peer, breaker, bulkhead, retryBudget });
    known.set(peer, { transport: withPeerFaults(peer, peerTransport(peer), faults), policies });
  }
  const find = (peer: ServiceName) => {
    const found = known.get(peer);
    if (!found) throw new Error(`${name} calls ${peer}, which its definition does not name among its peers`);
    return found;
  };
  return {
    client: <E extends Endpoints>(peer: ServiceName, endpoints: E) =>
      createClient(peer, endpoints, {
        ...find(peer),
        tracing: telemetry.tracing,
        metrics: clientMetrics,
        clock,
      }),
    policies: (peer: ServiceName) => find(peer).policies,
    watchPolicy: (policy: WatchedPolicy) => clientMetrics.watch(policy),
    policyObserver,
    upstream: (peer: ServiceName) =>
      observeUpstream(peer, withUpstreamFaults(peer, infrastructure.upstream(peer), faults), {
        tracing: telemetry.tracing,
        metrics: clientMetrics,
        clock,
      }),
    close: async () => {
      await Promise.all([...known.values()].map(({ transport }) => transport.close()));
    },
  };
}

const pruneEveryMs = 60_000;

function createMessaging({ name }: ServiceDefinition, infrastructure: Infrastructure) {
  const { database, clock, ids, telemetry, random, faults, timers } = infrastructure;
  if (!database || !infrastructure.transport) return undefined;
  const { metrics, tracing, logger } = telemetry;
  const groups = Object.values(subscriptions)
    .filter(({ service }) => service === name)
    .map(({ group }) => group);
  const messagingMetrics = createMessagingMetrics(metrics, {
    outbox: () => relay.stats(),
    queues: () => ownTransport.queueStates(groups),
    groups,
  });
  const brokerLog = createBrokerLog(logger, clock);
  const observer: MessagingObserver = {
    ...messagingMetrics,
    connection: (event) => {
      messagingMetrics.connection(event);
      brokerLog.connection(event);
    },
    dead: (event) => {
      messagingMetrics.dead(event);
      logger.error(
        { group: event.group, eventId: event.messageId, reason: event.reason },
        'message became a dead letter',
      );
    },
    dropped: (event) => {
      messagingMetrics.dropped(event);
      logger.error(
        { group: event.group, eventId: event.messageId, reason: event.reason, error: event.error },
        'dead letter was rejected and dropped',
      );
    },
    paused: (event) => {
      messagingMetrics.paused(event);
      logger.warn(
        { group: event.group, peer: event.dependency },
        'consumer is paused: a dependency is unavailable',
      );
    },
    trouble: (event) => {
      messagingMetrics.trouble(event);
      brokerLog.trouble(event);
    },
  };
  const ownTransport =
    typeof infrastructure.transport === 'function'
      ? infrastructure.transport(observer)
      : infrastructure.transport;
  const transport = withBrokerFaults(name, ownTransport, faults);
  const runInSpan: RunInSpan = runInMessageSpan(tracing);
  const relay: Relay = createRelay({
    database,
    transport,
    clock,
    observer,
    runInSpan,
    random,
    leaseMs: timers.relayLeaseMs,
    backoffMs: timers.relayBackoffMs,
  });
  const outbox = createOutbox({
    catalog: events,
    source: name,
    clock,
    ids,
    traceContext: () => tracing.toTraceparent() ?? {},
    wake: () => relay.wake(),
  });
  const jobs: Job[] = [
    {
      name: 'prune-messaging',
      everyMs: pruneEveryMs,
      run: async (signal) => void (await prune(database, { signal })),
    },
  ];
  return {
    relay,
    outbox,
    jobs,
    consumers: (subscriptions: Parameters<typeof createConsumers>[0]['subscriptions']): Consumers =>
      createConsumers({
        transport,
        database,
        poolSize: database.stats().max,
        subscriptions: withConsumerFaults(subscriptions, faults),
        catalog: events,
        clock,
        observer,
        runInSpan,
        random,
        probeMs: timers.probeMs,
      }),
  };
}
