import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimDirectory, identify, isAlive, type ProcessIdentity } from '@bulkhead/database/directory-claim';
import { DataDirectoryOfAnotherVersion } from '@bulkhead/database/embedded';
import { freePort } from '@bulkhead/database/free-ports';
import { type OwnedProcess, spawnOwned } from '@bulkhead/database/owned-process';
import { type BrokerProgram, findBrokerProgram } from './broker-program';
import { startBrokerContainer } from './broker-container';

export interface BrokerOptions {
  /** Keeps queues and users between starts. Default: a temporary folder, removed at the end. */
  readonly dataDir?: string;
  /** AMQP port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Memory above which its alarm blocks who publishes, bytes. Default: RabbitMQ's own share of the machine's. */
  readonly memoryLimitBytes?: number | undefined;
}

export interface Broker {
  /** amqp://user:password@127.0.0.1:port, of an administrator. */
  readonly url: string;
  /** http://user:password@127.0.0.1:port of the management API. */
  readonly managementUrl: string;
  /** host:port where Prometheus may scrape `/metrics` and `/metrics/detailed`. */
  readonly metricsAddress: string;
  /** Resolves when the broker has ended for whatever reason. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

const startTimeoutMs = 90_000;

/**
 * Starts a RabbitMQ of our own on loopback: a `rabbitmq-server` on the PATH, else a container, else (root on Debian)
 * one installed by apt-get. It shares nothing with another broker on the machine (own ports, name service, cookie and
 * folders) and ends with this process, however that ends.
 * @throws DataDirectoryOfAnotherVersion when another RabbitMQ made the folder, whose data this one does not take; Error in
 *   one sentence when there is no way to have one, or with the broker's last words when it won't start otherwise.
 */
export const startBroker = async (options: BrokerOptions = {}): Promise<Broker> => {
  const program = await findBrokerProgram();
  return program === 'container' ? startBrokerContainer(options) : startBrokerProcess(program, options);
};

const startBrokerProcess = async (program: BrokerProgram, options: BrokerOptions): Promise<Broker> => {
  const isTemporary = options.dataDir === undefined;
  const dataDir = path.resolve(options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'bulkhead-rabbitmq-'))));
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const claim = await claimDirectory(dataDir);
  const clearUp = async () => {
    await claim.release();
    if (isTemporary) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await waitForOrphan(dataDir);
    const [password, amqp, management, metrics, dist, epmdPort] = await Promise.all([
      passwordOf(dataDir),
      options.port ?? freePort(),
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const environment = await writeConfiguration(dataDir, {
      memoryLimitBytes: options.memoryLimitBytes,
      password,
      amqp,
      management,
      metrics,
      dist,
      epmdPort,
    });
    const common = { env: environment, cwd: dataDir, stdio: 'ignore' as const };
    const removal = isTemporary ? { removeOnDeath: [dataDir] } : {};
    const epmd = spawnOwned(program.epmd, ['-port', String(epmdPort), '-address', '127.0.0.1'], common);
    epmd.child.unref();
    const server = await startServer(program.server, { ...common, ...removal }).catch(
      async (error: unknown) => {
        await epmd.stop();
        throw error instanceof BrokerDidNotStart
          ? ((await ofAnotherVersion(dataDir, error)) ?? error)
          : error;
      },
    );
    await writeFile(path.join(dataDir, 'server.json'), JSON.stringify(await identify(server.child.pid ?? 0)));
    if (server.version !== undefined) await writeFile(path.join(dataDir, versionFile), server.version);
    const credentials = `bulkhead:${password}@127.0.0.1`;
    return {
      url: `amqp://${credentials}:${amqp}`,
      managementUrl: `http://${credentials}:${management}`,
      metricsAddress: `127.0.0.1:${metrics}`,
      ended: server.ended,
      async stop() {
        await server.stop(30_000);
        await epmd.stop();
        await clearUp();
      },
    };
  } catch (error) {
    await clearUp();
    throw error;
  }
};

/** The folder is ours, so a broker still at work in it has lost its owner a moment ago and is being stopped. */
const waitForOrphan = async (dataDir: string) => {
  const text = await readFile(path.join(dataDir, 'server.json'), 'utf8').catch(() => undefined);
  if (!text) return;
  const orphan = JSON.parse(text) as ProcessIdentity;
  for (let waited = 0; await isAlive(orphan); waited += 100) {
    if (waited === 0) process.kill(-orphan.pid, 'SIGTERM');
    if (waited > 30_000) throw new Error(`RabbitMQ (process ${orphan.pid}) in ${dataDir} does not stop`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const passwordOf = async (dataDir: string) => {
  const file = path.join(dataDir, 'password');
  const existing = await readFile(file, 'utf8').catch(() => undefined);
  if (existing) return existing;
  const password = randomBytes(24).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  return password;
};

interface Ports {
  readonly amqp: number;
  readonly management: number;
  readonly metrics: number;
  readonly dist: number;
  readonly epmdPort: number;
}

const writeConfiguration = async (
  dataDir: string,
  ports: Ports & { readonly password: string; readonly memoryLimitBytes: number | undefined },
) => {
  const at = (name: string) => path.join(dataDir, name);
  const configuration = `
listeners.tcp.1 = 127.0.0.1:${ports.amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
management.disable_stats = true
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = ${ports.metrics}
management_agent.disable_metrics_collector = true
default_user = bulkhead
default_pass = ${ports.password}
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = info
log.file = false
`;
  await Promise.all([
    writeFile(at('rabbitmq.conf'), configuration, { mode: 0o600 }),
    writeFile(at('enabled_plugins'), '[rabbitmq_management,rabbitmq_prometheus].\n'),
    // Instead of the machine's own settings in /etc.
    writeFile(at('rabbitmq-env.conf'), ''),
  ]);
  return {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/bin`,
    LANG: 'C.UTF-8',
    // Where Erlang keeps its cookie.
    HOME: dataDir,
    ERL_EPMD_PORT: String(ports.epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: 'bulkhead@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_CONF_ENV_FILE: at('rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: at('advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
    RABBITMQ_MNESIA_BASE: at('data'),
    RABBITMQ_LOG_BASE: at('log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: at('pid'),
    RABBITMQ_GENERATED_CONFIG_DIR: at('generated'),
    RABBITMQ_SCHEMA_DIR: at('schema'),
    // Few schedulers that sleep when idle: it shares the machine with everything else here.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1} ${memoryLimit(ports)}`,
  };
};

/** As an argument of Erlang's, which every way to run a broker takes. */
export const memoryLimit = ({ memoryLimitBytes }: Pick<BrokerOptions, 'memoryLimitBytes'>): string =>
  memoryLimitBytes === undefined ? '' : `-rabbit vm_memory_high_watermark {absolute,${memoryLimitBytes}}`;

const startServer = async (
  command: string,
  options: { env: NodeJS.ProcessEnv; cwd: string; removeOnDeath?: readonly string[] },
): Promise<OwnedProcess & { readonly version: string | undefined }> => {
  const server = spawnOwned(command, [], { ...options, group: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let version: string | undefined;
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), startTimeoutMs);
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      resolve(ready);
    };
    const listen = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8_000);
      version ??= /Starting RabbitMQ (\S+) /.exec(output)?.[1];
      if (output.includes('Server startup complete')) settle(true);
    };
    server.child.stdout?.on('data', listen);
    server.child.stderr?.on('data', listen);
    void server.ended.then(() => settle(false));
  });
  if (isReady) {
    server.child.unref();
    for (const stream of [server.child.stdout, server.child.stderr]) {
      (stream as unknown as { unref?(): void } | null)?.unref?.();
    }
    return { ...server, version };
  }
  await server.stop(5_000);
  throw new BrokerDidNotStart(output, version);
};

/** With the broker's last words. */
class BrokerDidNotStart extends Error {
  readonly output: string;
  readonly version: string | undefined;

  constructor(output: string, version: string | undefined) {
    super(`RabbitMQ did not start: ${output.trim().split('\n').slice(-8).join(' | ')}`);
    this.output = output;
    this.version = version;
  }
}

/** Of the RabbitMQ that last started in a data folder. */
const versionFile = 'version';

/** A broker knows data of its own series, and of some before it; of others it says so in many words of Erlang. */
async function ofAnotherVersion(
  dataDir: string,
  { output, version }: BrokerDidNotStart,
): Promise<DataDirectoryOfAnotherVersion | undefined> {
  if (!/feature.flag|schema_integrity_check_failed|incompatible/i.test(output)) return undefined;
  const before = await readFile(path.join(dataDir, versionFile), 'utf8').catch(() => 'another version');
  if (before === version) return undefined;
  return new DataDirectoryOfAnotherVersion(
    `${dataDir} was made by RabbitMQ ${before}, whose data ${version === undefined ? 'the RabbitMQ of this machine' : `RabbitMQ ${version}`} cannot take over`,
  );
}
