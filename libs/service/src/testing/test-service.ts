import type { Server } from 'node:http';
import type { Role } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createInProcessTransport } from '@bulkhead/messaging/inprocess/inprocess-transport';
import type { Transport } from '@bulkhead/messaging/transport';
import { type Clock, systemClock } from '@bulkhead/resilience/clock';
import { createFaults } from '@bulkhead/resilience/faults';
import { createTelemetry, type TraceSettings } from '@bulkhead/telemetry/telemetry';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { loadConfig } from '../config';
import { createHttpTransport } from '../http/http-transport';
import { createHttpUpstream } from '../http/http-upstream';
import { PeerPool } from '../http/peer-pool';
import { closeServer, createListenerServer, listen } from '../http/server';
import { randomIds } from '../ids';
import { createInProcessIdentities } from '../identity/in-process-identity';
import { createKeySet } from '../identity/key-set';
import { assembleService } from '../runtime/assemble';
import { ResilienceConfig, resilienceOf } from '../runtime/resilience-config';
import { type Timers, timerProfiles } from '../runtime/timers';
import type { ServiceDefinition } from '../service';
import { createTestUsers, type TestUsers } from './test-users';

/** Shared by the services of one test: identities, users, and addresses. */
export interface TestNetwork {
  readonly identities: ReturnType<typeof createInProcessIdentities>;
  readonly users: TestUsers;
  readonly origins: Map<ServiceName, string>;
  readonly databases: Partial<Record<ServiceName, PooledDatabase>>;
}

export async function createTestNetwork(clock: Clock = systemClock): Promise<TestNetwork> {
  return {
    identities: createInProcessIdentities(),
    users: await createTestUsers(clock),
    origins: new Map(),
    databases: {},
  };
}

export interface TestServiceOptions {
  /** Folder of the service's `prisma/migrations`; required where it has a database. */
  readonly migrationsDir?: string;
  /** Environment variables of the service's own configuration. */
  readonly config?: Readonly<Record<string, string>>;
  /** Shared with the peers of the test; default: a network of its own. */
  readonly network?: TestNetwork;
  readonly clock?: Clock;
  /**
   * Transports its events, such as RabbitMQ; closed with the service. Default: in process, among those of the network.
   */
  readonly transport?: Transport;
  /** The database of another instance of the service: a second replica. */
  readonly database?: TestDatabase;
  /** 'silent' by default; 'info' to see why a test fails. */
  readonly logLevel?: 'silent' | 'info' | 'debug';
  /** Default: those of `usual`. */
  readonly timers?: Timers;
  /** Environment variables of its limits and policies. */
  readonly resilience?: Readonly<Record<string, string>>;
  /** Default: none is recorded. */
  readonly traces?: TraceSettings;
}

/** A service on a loopback port with a real database, alone or among peers. */
export interface TestService {
  readonly origin: string;
  readonly network: TestNetwork;
  /** The service's pool, for inspecting its database. */
  readonly database: PooledDatabase;
  readonly testDatabase: TestDatabase | undefined;
  /** Headers of a request that the gateway forwards for a user. */
  as(userId: string, roles?: readonly Role[]): Promise<Record<string, string>>;
  /** Headers of a request that the gateway forwards without a user. */
  anonymous(): Promise<Record<string, string>>;
  /** Headers of a call by another service. */
  asService(name: ServiceName): Promise<Record<string, string>>;
  /** Its metrics as they are scraped. */
  metrics(): Promise<string>;
  /** Stops it like SIGTERM, and drops its database unless it was given. */
  stop(): Promise<void>;
}

export async function startTestService(
  definition: ServiceDefinition,
  options: TestServiceOptions = {},
): Promise<TestService> {
  const clock = options.clock ?? systemClock;
  const network = options.network ?? (await createTestNetwork(clock));
  const { identities, users, origins, databases } = network;
  const telemetry = createTelemetry({
    service: definition.name,
    version: 'test',
    environment: 'test',
    logLevel: options.logLevel ?? 'silent',
    traces: options.traces ?? {},
    runtimeMetrics: false,
  });

  let testDatabase: TestDatabase | undefined;
  let database: PooledDatabase | undefined;
  if (definition.database) {
    testDatabase =
      options.database ??
      (await createTestDatabase({
        service: definition.name,
        ...(options.migrationsDir ? { migrationsDir: options.migrationsDir } : {}),
        ...(definition.extensions ? { extensions: definition.extensions } : {}),
      }));
    database = createDatabase({ url: testDatabase.url, applicationName: definition.name, clock });
    databases[definition.name] = database;
  }
  const transport = database
    ? (options.transport ?? createTestMessaging(definition.name, databases, clock))
    : undefined;
  const tokens = identities.tokensOf(definition.name);
  /** By origin: a peer that a test restarts has another address. */
  const pools = new Map<string, PeerPool>();
  const poolOf = (peer: ServiceName) => {
    const origin = origins.get(peer);
    if (!origin) throw new Error(`the test started no ${peer}, which ${definition.name} calls`);
    const pool = pools.get(origin) ?? new PeerPool(origin, { connections: 16 });
    pools.set(origin, pool);
    return pool;
  };

  const assembled = await assembleService(definition, loadConfig(definition.config, options.config ?? {}), {
    mode: 'test',
    clock,
    ids: randomIds,
    random: Math.random,
    telemetry,
    faults: createFaults({ clock, random: Math.random, enabled: true }),
    timers: options.timers ?? timerProfiles.usual,
    resilience: resilienceOf(ResilienceConfig.parse(options.resilience ?? {})),
    database,
    transport,
    identities: identities.verifier,
    userKeys: createKeySet(users.keys, clock),
    // A fake peer implements only what its test needs.
    promised: [],
    hears: [],
    peerTransport: (peer) => ({
      send: (call) => createHttpTransport(peer, poolOf(peer), tokens).send(call),
      close: async () => undefined,
    }),
    upstream: (peer) => ({
      forward: (request, response, forward) =>
        createHttpUpstream(peer, poolOf(peer), tokens).forward(request, response, forward),
    }),
  });
  const server: Server = createListenerServer(assembled.app);
  const port = await listen(server, 0, '127.0.0.1');
  const origin = `http://127.0.0.1:${port}`;
  origins.set(definition.name, origin);
  await assembled.start();

  const asService = async (name: ServiceName) => ({
    'x-service-token': await identities.tokensOf(name).tokenFor(definition.name),
  });
  return {
    origin,
    network,
    get database() {
      if (!database) throw new Error(`${definition.name} has no database`);
      return database;
    },
    testDatabase,
    asService,
    anonymous: () => asService('gateway'),
    as: async (userId, roles) => ({
      ...(await asService('gateway')),
      authorization: await users.authorization(userId, roles),
    }),
    metrics: () => telemetry.metrics.expose(),
    async stop() {
      await assembled.stop(1_000, closeServer(server, 1_000));
      await transport?.close();
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      delete databases[definition.name];
      await database?.close();
      await telemetry.shutdown();
      if (!options.database) await testDatabase?.drop();
    },
  };
}

const testSweepMs = 50;

/**
 * In-process messaging among the services of a test, which join one after the other: an event goes to the groups of
 * those that have a database when it is sent.
 */
function createTestMessaging(
  service: ServiceName,
  databases: TestNetwork['databases'],
  clock: Clock,
): Transport {
  const all = Object.values(subscriptions);
  const create = (services: readonly string[]) =>
    createInProcessTransport({
      databases,
      subscriptions: all.filter((subscription) => services.includes(subscription.service)),
      clock,
      sweepMs: testSweepMs,
    });
  const own = create([service]);
  let publisher = { key: service as string, transport: own };
  const publisherNow = (): Transport => {
    const services = Object.keys(databases).sort();
    const key = services.join();
    if (key !== publisher.key) publisher = { key, transport: create(services) };
    return publisher.transport;
  };
  return {
    retryDelaysMs: own.retryDelaysMs,
    spanAttributes: own.spanAttributes,
    source: own.source,
    deadLetters: own.deadLetters,
    queueStates: own.queueStates,
    publish: (rows) => publisherNow().publish(rows),
    async close() {
      await publisher.transport.close();
      await own.close();
    },
  };
}
