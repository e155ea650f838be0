import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { definitions } from '@bulkhead/app/monolith/src/definitions';
import { adminEmail } from '@bulkhead/app/monolith/src/local/environment';
import { freePorts } from '@bulkhead/development/free-ports';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { OwnedProcess } from '@bulkhead/development/owned-process';
import type { Broker } from '@bulkhead/development/broker';
import { startBroker } from '@bulkhead/development/broker-process';
import { devIssuer, devSubjectPrefix, issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { createAdminPort } from './admin-port';
import { bundles } from './databases';
import { launch, waitUntilReady } from './process';
import type { Shop, ShopOptions } from './shop';
import { writeSecrets } from './secret-files';
import { startBackingServices } from './backing-services';
import { startTcpProxy, type TcpProxy } from './tcp-proxy';

const identityLifetimeSeconds = 24 * 3600;
const stopGraceMs = 25_000;

interface Running {
  readonly owned: OwnedProcess;
  readonly port: number;
  readonly adminPort: number;
  ended: boolean;
}

/** Nine services as nine processes over PostgreSQL and RabbitMQ, each of which may be hurt alone. */
export async function startServices(options: ShopOptions = {}): Promise<Shop> {
  const names = definitions.map(({ name }) => name);
  const ports = await freePorts(names.length * 2);
  const portsOf = new Map(
    names.map((name, index) => [name, { port: ports[2 * index]!, adminPort: ports[2 * index + 1]! }]),
  );
  const proxies = new Map<string, TcpProxy>();
  if (options.proxies)
    for (const name of names) proxies.set(name, await startTcpProxy([portsOf.get(name)!.port]));
  const entranceOf = (name: ServiceName) => proxies.get(name)?.port ?? portsOf.get(name)!.port;
  const origin = `http://127.0.0.1:${entranceOf('gateway')}`;

  const backing = await startBackingServices(options, origin);
  const { dataDir, logDir, secrets, databases } = backing;
  const brokerDir = join(dataDir, 'rabbitmq');
  let broker: Broker = await startBroker({ dataDir: brokerDir });
  const brokerUrl = broker.url;
  const brokerPort = Number(new URL(brokerUrl).port);
  const identityDir = join(dataDir, 'identity');
  await issueDevIdentities(identityDir, identityLifetimeSeconds);

  const links = new Map<string, TcpProxy>();
  if (options.proxies)
    for (const { name, peers } of definitions)
      for (const peer of peers) links.set(`${name}>${peer}`, await startTcpProxy([proxies.get(peer)!.port]));
  const addressOf = (from: ServiceName, to: ServiceName) =>
    `http://127.0.0.1:${links.get(`${from}>${to}`)?.port ?? entranceOf(to)}`;

  const plainEnvironmentOf = (name: ServiceName): Record<string, string> => ({
    ...backing.environment,
    RABBITMQ_URL: brokerUrl,
    SERVICE_IDENTITY_ISSUER: devIssuer,
    SERVICE_IDENTITY_SUBJECT_PREFIX: devSubjectPrefix,
    SERVICE_IDENTITY_DIR: join(identityDir, name),
    ...Object.fromEntries(names.map((peer) => [`${peer.toUpperCase()}_URL`, addressOf(name, peer)])),
    ...(databases.byService.has(name) ? { DATABASE_URL: databases.byService.get(name)!.appUrl } : {}),
    ...options.environmentOf?.[name],
  });

  const environments = new Map<ServiceName, Record<string, string>>();
  for (const name of names) {
    const plain = plainEnvironmentOf(name);
    environments.set(name, options.secretsDir ? await writeSecrets(options.secretsDir, name, plain) : plain);
  }

  const running = new Map<ServiceName, Running>();
  const keptDown = new Set<ServiceName>();
  const restartAfterMs = options.restartAfterMs ?? 1_000;
  const waiting = new Set<NodeJS.Timeout>();
  let stopping = false;

  const begin = (name: ServiceName, { port, adminPort }: { port: number; adminPort: number }): Running => {
    const environment = { ...environments.get(name), PORT: String(port), ADMIN_PORT: String(adminPort) };
    const script = join(bundles, name, 'main.js');
    const owned = launch(script, [], environment, join(logDir, `${name}.log`));
    const process: Running = { owned, port, adminPort, ended: false };
    void owned.ended.then(() => {
      process.ended = true;
      if (stopping || keptDown.has(name) || running.get(name) !== process || restartAfterMs === 0) return;
      const timer = setTimeout(() => {
        waiting.delete(timer);
        if (!stopping && !keptDown.has(name) && running.get(name) === process)
          running.set(name, begin(name, process));
      }, restartAfterMs);
      waiting.add(timer);
    });
    return process;
  };
  const find = (name: ServiceName) => {
    const found = running.get(name);
    if (!found) throw new Error(`${name} has never been started`);
    return found;
  };
  const start = async (name: ServiceName) => {
    keptDown.delete(name);
    const former = running.get(name);
    if (!former || former.ended) running.set(name, begin(name, former ?? portsOf.get(name)!));
    const { owned, adminPort } = find(name);
    await waitUntilReady(name, owned, adminPort);
  };
  const adminPorts = new Map(
    names.map((name) => [name, createAdminPort(() => find(name).adminPort, secrets.adminToken)]),
  );

  const stop = async () => {
    stopping = true;
    for (const timer of waiting) clearTimeout(timer);
    await Promise.all([...running.values()].map(({ owned }) => owned.stop(stopGraceMs)));
    await Promise.all([...links.values(), ...proxies.values()].map((proxy) => proxy.close()));
    await broker.stop();
    await backing.stop();
  };

  try {
    for (const name of names) running.set(name, begin(name, portsOf.get(name)!));
    await Promise.all(names.map((name) => waitUntilReady(name, find(name).owned, find(name).adminPort)));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    kind: 'services',
    origin,
    dataDir,
    admin: { email: adminEmail, password: secrets.adminPassword },
    databases: databases.byService,
    databaseAdminUrl: (name) => databases.adminUrlOf(name),
    brokerUrl,
    brokerManagementUrl: broker.managementUrl,
    mailbox: backing.mailbox,
    provider: backing.provider,
    placeOf(name) {
      const { owned, ended, port, adminPort } = find(name);
      return { pid: ended ? undefined : owned.child.pid, port, adminPort };
    },
    setFaults: (name, faults) => adminPorts.get(name)!.setFaults(faults),
    metrics: (name) => adminPorts.get(name)!.metrics(),
    signal: (name, signal) => void find(name).owned.child.kill(signal),
    start,
    async stopService(name) {
      keptDown.add(name);
      await find(name).owned.stop(stopGraceMs);
    },
    async replace(name) {
      const proxy = proxies.get(name);
      if (!proxy) throw new Error('a rolling deploy needs a shop with proxies');
      const old = find(name);
      const [port, adminPort] = await freePorts(2);
      const next = begin(name, { port: port!, adminPort: adminPort! });
      await waitUntilReady(name, next.owned, next.adminPort);
      running.set(name, next);
      proxy.setBackends([next.port]);
      await old.owned.stop(stopGraceMs);
    },
    async link(from, to, mode) {
      const proxy = links.get(`${from}>${to}`);
      if (!proxy) throw new Error(`there is no proxy between ${from} and ${to}`);
      proxy.setMode(mode);
    },
    killDatabase: (name) => databases.kill(name),
    stopDatabase: (name) => databases.stopOf(name),
    startDatabase: (name) => databases.startOf(name),
    async killBroker() {
      const { pid } = JSON.parse(await readFile(join(brokerDir, 'server.json'), 'utf8')) as { pid: number };
      process.kill(-pid, 'SIGKILL');
      await broker.ended;
      // Puts the rest of it away, and its claim on the folder.
      await broker.stop();
    },
    async startBroker() {
      broker = await startBroker({ dataDir: brokerDir, port: brokerPort });
    },
    stopMail: () => backing.stopMail(),
    startMail: () => backing.startMail(),
    stop,
  };
}
