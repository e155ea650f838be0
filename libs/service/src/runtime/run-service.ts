import type { Server } from 'node:http';
import { promisedBy } from '@bulkhead/contracts/apis';
import type { ServiceName } from '@bulkhead/contracts/services';
import { groupsOf, subscriptions } from '@bulkhead/contracts/subscriptions';
import { pendingMigrations, readMigrations } from '@bulkhead/database/migrations';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import type { MessagingObserver } from '@bulkhead/messaging/observer';
import type { Transport } from '@bulkhead/messaging/transport';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import { systemClock } from '@bulkhead/resilience/clock';
import { createFaults } from '@bulkhead/resilience/faults';
import { createDatabaseMetrics } from '@bulkhead/telemetry/database-metrics';
import type { Logger } from '@bulkhead/telemetry/logger';
import { createNodeSdk } from '@bulkhead/telemetry/node-sdk';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { createAdminApp } from '../admin/admin-app';
import { databaseFaults } from '../admin/database-faults';
import { watchDatabase } from '../admin/database-watch';
import { createFaultsRoutes } from '../admin/faults-routes';
import { observeFaults } from '../admin/observe-faults';
import { ConfigError, type Environment } from '../config';
import { createHttpTransport } from '../http/http-transport';
import { createHttpUpstream } from '../http/http-upstream';
import { attemptConnection, type Patience, untilLetIn } from '../http/let-in';
import { PeerPool } from '../http/peer-pool';
import { closeServer, createHttpServer, createListenerServer, listen, listenForBursts } from '../http/server';
import { randomIds } from '../ids';
import {
  createFileServiceTokens,
  createServiceIdentityVerifier,
  serviceTokenHeader,
  type Issuers,
  type ServiceIdentityVerifier,
  type ServiceTokens,
} from '../identity/service-identity';
import { createRefusalLog } from '../identity/refusal-log';
import { createUrlKeySet } from '../identity/key-set';
import type { ServiceDefinition } from '../service';
import { assembleService, type Infrastructure } from './assemble';
import { targetOf } from '../preflight/probe';
import { explainStart } from './explain-start';
import { migrationsFolder } from './migration-command';
import { nodeProblem } from './node-version';
import { brokerLogins } from './broker-logins';
import { databaseLogins } from './database-logins';
import { operatorCommands } from './operator-commands';
import { resilienceOf } from './resilience-config';
import { autoInstrumentations } from './auto-instrumentations';
import { issuerKeys, readSettings } from './settings';
import { timerProfiles } from './timers';
import { version } from './version';
import { watchSecrets } from './watch-secrets';

/** Alters the infrastructure of a service, for other composition roots. */
export type Alter = (infrastructure: Infrastructure) => Infrastructure;

const unaltered: Alter = (infrastructure) => infrastructure;

/**
 * The `main` of a service as a separate process: `main.js` serves until SIGTERM or SIGINT; `main.js COMMAND …` runs one
 * of operatorCommands. Invalid configuration ends it with code 78 (EX_CONFIG) and one sentence per variable.
 */
export async function runService(definition: ServiceDefinition, alter: Alter = unaltered): Promise<void> {
  const environment = process.env;
  const [command, ...rest] = process.argv.slice(2);
  try {
    const problem = nodeProblem();
    if (problem !== undefined) throw new ConfigError(problem);
    if (command === undefined) await serve(definition, environment, alter);
    else {
      const code = await runCommand(definition, command, rest, environment);
      // Operations that a command has stopped waiting for must not keep it running.
      process.stdout.write('', () => process.exit(code));
    }
  } catch (error) {
    process.stderr.write(
      `${definition.name} ${command ? `${command} failed` : 'cannot start'}:\n${explainStart(error)}\n`,
    );
    process.exit(error instanceof ConfigError ? 78 : 1);
  }
}

async function runCommand(
  definition: ServiceDefinition,
  name: string,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const commands = operatorCommands(definition);
  const command = commands.get(name);
  if (command) return command(args, environment);
  process.stderr.write(
    `${definition.name} has no command ${name}. It serves when started without one, and has: ${[...commands.keys()].sort().join(', ')}.\n`,
  );
  return 2;
}

async function serve(definition: ServiceDefinition, environment: Environment, alter: Alter): Promise<void> {
  // As process 1 of a container it has no default signal handlers, and could not be stopped while it waits for its
  // database.
  const leave = () => process.exit(0);
  process.on('SIGTERM', leave);
  const settings = await readSettings(definition, environment);
  const { base, own, database: databaseConfig, issuer, ownIssuers, peers: peerNames, urls } = settings;
  const timers = timerProfiles[base.TIMERS];

  const telemetry = createTelemetry({
    service: definition.name,
    version,
    environment: base.NODE_ENV,
    logLevel: base.LOG_LEVEL,
    traces: { endpoint: base.OTEL_EXPORTER_OTLP_ENDPOINT, mode: base.TRACES_MODE, ratio: base.TRACES_RATIO },
    startSdk: createNodeSdk({ instrumentations: autoInstrumentations(base) }),
  });
  const { logger, metrics } = telemetry;
  const faults = createFaults({
    clock: systemClock,
    enabled: base.FAULTS,
    observer: observeFaults(metrics, logger),
  });
  const { clock } = faults;
  const secrets = watchSecrets([base, own, databaseConfig ?? {}], { clock: systemClock, logger });

  let database: PooledDatabase | undefined;
  if (databaseConfig) {
    const observer = createDatabaseMetrics(metrics, {
      pool: () => database?.stats(),
      trace: { tracing: telemetry.tracing, database: definition.name },
    });
    database = createDatabase({
      url: databaseLogins(databaseConfig),
      poolSize: databaseConfig.DATABASE_POOL_SIZE,
      acquireTimeoutMs: databaseConfig.DATABASE_ACQUIRE_TIMEOUT_MS,
      statementTimeoutMs: databaseConfig.DATABASE_STATEMENT_TIMEOUT_MS,
      applicationName: definition.name,
      clock,
      logger: { warn: (context, message) => logger.warn(context, message) },
      observer,
      faults: databaseFaults(definition.name, faults),
    });
  }
  let transport: Transport | undefined;
  const connectTransport =
    databaseConfig &&
    ((observer: MessagingObserver) =>
      (transport = createRabbitMqTransport({
        ...brokerLogins(databaseConfig),
        ...(databaseConfig.RABBITMQ_PREFIX === undefined ? {} : { prefix: databaseConfig.RABBITMQ_PREFIX }),
        topology: databaseConfig.RABBITMQ_TOPOLOGY,
        service: definition.name,
        subscriptions: Object.values(subscriptions),
        window: databaseConfig.BROKER_WINDOW,
        confirmTimeoutMs: databaseConfig.BROKER_CONFIRM_TIMEOUT_MS,
        clock,
        retryDelaysMs: timers.retryDelaysMs,
        reconnectMs: timers.reconnectMs,
        observer,
      })));

  const tokens = createFileServiceTokens(base.SERVICE_IDENTITY_DIR, clock);
  const pools = new Map(
    peerNames.map((peer) => [
      peer,
      new PeerPool(urls[`${peer.toUpperCase()}_URL`]!, {
        connections: 64,
        clock,
        onPod: ({ origin, state }) =>
          state === 'lost'
            ? logger.warn({ peer, host: new URL(origin).host }, 'peer pod is unreachable')
            : logger.info({ peer, host: new URL(origin).host }, 'peer pod is reachable again'),
      }),
    ]),
  );
  const poolOf = (peer: ServiceName) => {
    const pool = pools.get(peer);
    if (!pool) throw new Error(`${definition.name} does not name ${peer} among its peers`);
    return pool;
  };

  const infrastructure: Infrastructure = {
    mode: base.NODE_ENV,
    clock,
    ids: randomIds,
    random: Math.random,
    telemetry,
    faults,
    resilience: resilienceOf(base),
    timers,
    database,
    transport: connectTransport,
    identities: createServiceIdentityVerifier({
      keys: issuerKeys(base, clock),
      issuers: base.SERVICE_IDENTITY_ISSUER ? async () => [issuer] : ownIssuers,
      audience: definition.name,
      subjectPrefix: base.SERVICE_IDENTITY_SUBJECT_PREFIX,
      clock,
      log: createRefusalLog(logger, clock),
    }),
    userKeys: createUrlKeySet(`${urls['AUTH_URL']}/.well-known/jwks.json`, clock, {
      headers: async () => ({ [serviceTokenHeader]: await tokens.tokenFor('auth') }),
    }),
    promised: promisedBy(definition.name),
    hears: groupsOf(definition.name),
    peerTransport: (peer) => createHttpTransport(peer, poolOf(peer), tokens),
    upstream: (peer) => createHttpUpstream(peer, poolOf(peer), tokens),
  };
  if (base.SERVICE_IDENTITY_ISSUER) await compareIssuer(issuer, ownIssuers, logger);
  const assembled = await assembleService(definition, own, alter(infrastructure));

  const state = { started: false, draining: false, pending: definition.database };
  const watch = database && watchDatabase(database, clock);
  const admin = createHttpServer(
    createAdminApp({
      started: () => state.started,
      unready: () => [
        ...(state.draining ? ['draining'] : []),
        ...(state.pending ? ['migrations are pending'] : []),
        ...[watch?.unavailable()].filter((reason) => reason !== undefined),
      ],
      metrics,
      routes: [createFaultsRoutes({ faults, adminToken: base.ADMIN_TOKEN })],
    }),
  );
  await listen(admin, base.ADMIN_PORT, base.HOST);
  const server = createListenerServer(assembled.app, {
    keepAliveTimeout: base.KEEP_ALIVE_TIMEOUT_MS,
  });
  const port = await listenForBursts(server, base.PORT, base.HOST);
  if (database)
    state.pending = await waitForMigrations(definition, database, (reason) =>
      logger.warn({ error: reason }, 'waiting for the database'),
    );
  await Promise.all([
    waitForNetwork(urls, logger),
    infrastructure.userKeys.refresh(),
    warmIdentities(definition.name, infrastructure.identities, tokens),
  ]);
  await assembled.start();
  state.started = true;
  logger.info({ port, version, environment: base.NODE_ENV }, 'serving');

  const stop = (signal: NodeJS.Signals) => {
    if (state.draining) return;
    state.draining = true;
    logger.info({ signal }, 'draining');
    void drain(server, admin, base.SHUTDOWN_GRACE_MS);
  };
  const drain = async (server: Server, admin: Server, graceMs: number) => {
    const overdue = setTimeout(() => process.exit(1), graceMs + 5_000);
    await assembled.stop(graceMs, closeServer(server, graceMs));
    watch?.stop();
    secrets.stop();
    await transport?.close();
    await database?.close();
    await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    await closeServer(admin, 0);
    await telemetry.shutdown();
    clearTimeout(overdue);
    process.exit(0);
  };
  process.off('SIGTERM', leave);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

const warmAttempts = 3;

/**
 * Verifies the service's own token in the same way as its peers' tokens: the issuer's keys are fetched and the whole
 * code path has run once before the first request needs it. On a busy node that took longer than a buyer waits, so that
 * a new pod failed every call for seconds. Errors are ignored here: they also fail the calls, and are logged there.
 */
async function warmIdentities(
  name: ServiceName,
  identities: ServiceIdentityVerifier,
  tokens: ServiceTokens,
): Promise<void> {
  for (let attempt = 1; attempt <= warmAttempts; attempt += 1) {
    const isWarm = await tokens
      .tokenFor(name)
      .then((token) => identities.verify(token))
      .then(
        () => true,
        () => false,
      );
    if (isWarm) return;
  }
}

const networkPatience: Patience = { rejectedMs: 30_000, silentMs: 10_000 };

/**
 * Waits until the network policies let this pod reach its peers. A pod that is ready too early gets requests that it
 * cannot serve, while the pod that it replaces could have. A service starts without its peers, so the wait is limited.
 */
async function waitForNetwork(urls: Readonly<Record<string, string>>, logger: Logger): Promise<void> {
  await Promise.all(
    Object.entries(urls).map(async ([variable, url]) => {
      const { host, port } = targetOf(variable, url);
      if (
        port !== undefined &&
        !(await untilLetIn(attemptConnection(host, port), networkPatience, systemClock))
      )
        logger.warn({ variable, url }, 'peer is unreachable over the network');
    }),
  );
}

/** A wrong issuer breaks every call between the services, and nobody would suspect it. */
async function compareIssuer(issuer: string, ownIssuers: Issuers, logger: Logger): Promise<void> {
  const [own] = await ownIssuers().catch(() => [undefined]);
  if (own !== undefined && own !== issuer)
    logger.error(
      {
        variable: 'SERVICE_IDENTITY_ISSUER',
        reason: `it is ${issuer}, but the service's own token is of ${own}; unset it to follow the token`,
      },
      'calls from other services will be rejected',
    );
}

const migrationsEveryMs = 1_000;
const migrationsWithinMs = 120_000;

/**
 * Waits for the migration Job, which may start after the pod.
 * @param onWaiting called with what is waited for, whenever that changes
 * @returns false, once nothing is pending
 */
async function waitForMigrations(
  definition: ServiceDefinition,
  database: PooledDatabase,
  onWaiting: (reason: string) => void,
): Promise<boolean> {
  const until = systemClock.monotonic() + migrationsWithinMs;
  const migrations = await readMigrations(migrationsFolder());
  let said: string | undefined;
  for (;;) {
    let reason = '';
    const pending = await pendingMigrations(database, migrations).catch((error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
      return undefined;
    });
    if (pending?.length === 0) return false;
    if (systemClock.monotonic() > until)
      throw new ConfigError(
        pending
          ? `The database of ${definition.name} lacks migrations (${pending.join(', ')}); run: main.js migrate.`
          : `DATABASE_URL: the database of ${definition.name} could not be read for ${migrationsWithinMs / 1000} s: ${reason}.`,
      );
    const waitingFor = pending ? `migrations are pending: ${pending.join(', ')}` : reason;
    if (waitingFor !== said) onWaiting(waitingFor);
    said = waitingFor;
    await systemClock.sleep(migrationsEveryMs);
  }
}
