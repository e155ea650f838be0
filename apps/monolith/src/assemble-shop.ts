import { promisedBy } from '@bulkhead/contracts/apis';
import { groupsOf, subscriptions } from '@bulkhead/contracts/subscriptions';
import type { ServiceName } from '@bulkhead/contracts/services';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createInProcessTransport as createInProcessMessaging } from '@bulkhead/messaging/inprocess/inprocess-transport';
import { systemClock } from '@bulkhead/resilience/clock';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { createFaults, type Faults } from '@bulkhead/resilience/faults';
import { databaseFaults } from '@bulkhead/service/admin/database-faults';
import { observeFaults } from '@bulkhead/service/admin/observe-faults';
import { loadConfig } from '@bulkhead/service/config';
import { createInProcessTransport } from '@bulkhead/service/http/in-process-transport';
import { createInProcessUpstream } from '@bulkhead/service/http/in-process-upstream';
import { createInProcessIdentities } from '@bulkhead/service/identity/in-process-identity';
import { createKeySet } from '@bulkhead/service/identity/key-set';
import { randomIds } from '@bulkhead/service/ids';
import { type AssembledService, assembleService } from '@bulkhead/service/runtime/assemble';
import { autoInstrumentations } from '@bulkhead/service/runtime/auto-instrumentations';
import type { ProcessConfig } from '@bulkhead/service/runtime/base-config';
import { resilienceOf } from '@bulkhead/service/runtime/resilience-config';
import { timerProfiles } from '@bulkhead/service/runtime/timers';
import { version } from '@bulkhead/service/runtime/version';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createDatabaseMetrics } from '@bulkhead/telemetry/database-metrics';
import { stdoutLog } from '@bulkhead/telemetry/logger';
import { createNodeSdk } from '@bulkhead/telemetry/node-sdk';
import { createTelemetry, type Telemetry } from '@bulkhead/telemetry/telemetry';
import type { TraceRecorder } from '@bulkhead/telemetry/trace-recorder';
import type { JSONWebKeySet } from 'jose';
import { linkRemoteServices, type RemoteServices } from './remote-services';

export interface ShopOptions {
  /** The services of this process. */
  readonly definitions: readonly ServiceDefinition[];
  /** All other services of the shop, if there are any outside this process. */
  readonly remote?: RemoteServices | undefined;
  readonly config: ProcessConfig;
  /** URL of each service's database, as its application role. */
  readonly databaseUrls: ReadonlyMap<ServiceName, string>;
  /** Environment variables of the services' own configuration. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Keeps the latest traces of all services. */
  readonly traces?: TraceRecorder | undefined;
}

/** The services in this process. */
export interface Shop {
  readonly gateway: AssembledService;
  /** All services of the process, by name. */
  readonly services: ReadonlyMap<ServiceName, AssembledService>;
  readonly telemetry: readonly Telemetry[];
  /** One set of faults for the whole process. */
  readonly faults: Faults;
  start(): Promise<void>;
  /** Like AssembledService.stop, for all services concurrently. */
  stop(graceMs: number, requestsEnded: Promise<unknown>): Promise<void>;
}

/** Database connections per service: small, since the peers share the same machine. */
const poolSize = 5;

/** Assembles all services in one process: the second composition root beside each service's `main`. */
export async function assembleShop(options: ShopOptions): Promise<Shop> {
  const { definitions, config, databaseUrls, environment } = options;
  const identities = createInProcessIdentities();
  const resilience = resilienceOf(config);
  const destination = stdoutLog();
  const databases: Partial<Record<ServiceName, PooledDatabase>> = {};
  const services = new Map<ServiceName, AssembledService>();
  const telemetries = new Map<ServiceName, Telemetry>();

  const startSdk = createNodeSdk({ instrumentations: autoInstrumentations(config) });
  for (const { name } of definitions) {
    const telemetry = createTelemetry({
      service: name,
      version,
      environment: config.NODE_ENV,
      logLevel: config.LOG_LEVEL,
      traces: {
        endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
        mode: config.TRACES_MODE,
        ratio: config.TRACES_RATIO,
        recorder: options.traces,
      },
      logDestination: destination,
      runtimeMetrics: name === 'gateway',
      sharesProcess: true,
      startSdk,
    });
    telemetries.set(name, telemetry);
  }
  const faults = createFaults({
    clock: systemClock,
    enabled: config.FAULTS,
    observer: observeFaults(telemetries.get('gateway')!.metrics, telemetries.get('gateway')!.logger),
  });
  const { clock } = faults;
  const timers = timerProfiles[config.TIMERS];

  for (const [name, telemetry] of telemetries) {
    const url = databaseUrls.get(name);
    if (url === undefined) continue;
    databases[name] = createDatabase({
      url,
      poolSize,
      applicationName: name,
      clock,
      logger: { warn: (context, message) => telemetry.logger.warn(context, message) },
      observer: createDatabaseMetrics(telemetry.metrics, {
        pool: () => databases[name]?.stats(),
        trace: { tracing: telemetry.tracing, database: name },
      }),
      faults: databaseFaults(name, faults),
    });
  }
  const remote = options.remote && linkRemoteServices(options.remote, { clock, timers });
  const transport = remote
    ? undefined
    : createInProcessMessaging({
        databases,
        subscriptions: Object.values(subscriptions),
        clock,
        retryDelaysMs: timers.retryDelaysMs,
        leaseMs: timers.relayLeaseMs,
      });

  const keysHere = createKeySet(async () => {
    const response = await services
      .get('auth')
      ?.pipelines.get('jwks')
      ?.answer({
        requestId: randomIds.next(),
        deadline: deadlineAfter(clock, 3_000),
        caller: 'gateway',
        params: {},
        headers: {},
        query: () => ({}),
        body: async () => undefined,
        admitted: true,
        gone: undefined,
      });
    if (response?.status !== 200) throw new Error('auth has no keys yet');
    return response.body as JSONWebKeySet;
  }, clock);
  const userKeys = remote?.has('auth') ? remote.userKeys() : keysHere;

  for (const definition of definitions) {
    const { name } = definition;
    const telemetry = telemetries.get(name)!;
    const tokens = identities.tokensOf(name);
    services.set(
      name,
      await assembleService(definition, loadConfig(definition.config, environment), {
        mode: config.NODE_ENV,
        clock,
        ids: randomIds,
        random: Math.random,
        telemetry,
        faults,
        resilience,
        timers,
        database: databases[name],
        transport: databases[name] && (remote?.transportOf(name) ?? transport),
        identities: remote?.verifierOf(name, identities.verifier, telemetry.logger) ?? identities.verifier,
        userKeys,
        promised: promisedBy(name),
        hears: groupsOf(name),
        peerTransport: (peer) =>
          remote?.has(peer)
            ? remote.peerTransport(name, peer)
            : createInProcessTransport(name, peer, () => services.get(peer)?.pipelines),
        upstream: (peer) =>
          remote?.has(peer)
            ? remote.upstream(name, peer)
            : createInProcessUpstream(peer, () => services.get(peer)?.app, tokens),
      }),
    );
  }

  const gateway = services.get('gateway');
  if (!gateway) throw new Error('a shop needs a gateway');
  return {
    gateway,
    services,
    telemetry: [...telemetries.values()],
    faults,
    async start() {
      await Promise.all([...services.values()].map((service) => service.start()));
    },
    async stop(graceMs, requestsEnded) {
      await Promise.all([...services.values()].map((service) => service.stop(graceMs, requestsEnded)));
      await transport?.close();
      await remote?.close();
      await Promise.all(Object.values(databases).map((database) => database.close()));
      await Promise.all([...telemetries.values()].map((telemetry) => telemetry.shutdown()));
    },
  };
}
