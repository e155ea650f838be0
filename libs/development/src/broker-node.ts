import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type OwnedProcess, spawnOwned } from './owned-process';

/** One RabbitMQ node on loopback. */
export interface BrokerNodeSettings {
  /** Contains everything that it writes. */
  readonly folder: string;
  /** Location of Erlang's cookie: nodes of one cluster share it. */
  readonly home: string;
  /** Such as `name@localhost`. */
  readonly name: string;
  /** Password of the user `bulkhead`, an administrator. */
  readonly password: string;
  readonly amqpPort: number;
  /** For other nodes and for RabbitMQ's own programs. */
  readonly distributionPort: number;
  /** Of Erlang's name service. */
  readonly epmdPort: number;
  readonly plugins?: readonly string[];
  /** Additional lines of rabbitmq.conf. */
  readonly configuration?: readonly string[];
  /** Number of Erlang's scheduler threads. */
  readonly schedulers: number;
  /** Memory above which its alarm blocks publishers, bytes. Default: RabbitMQ's own share of the machine's. */
  readonly memoryLimitBytes?: number | undefined;
}

/** Environment of all Erlang and RabbitMQ programs. */
export const brokerEnvironment = ({ home, epmdPort }: Pick<BrokerNodeSettings, 'home' | 'epmdPort'>) => ({
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/bin`,
  LANG: 'C.UTF-8',
  HOME: home,
  ERL_EPMD_PORT: String(epmdPort),
  ERL_EPMD_ADDRESS: '127.0.0.1',
});

/**
 * Writes the files of a node into its folder, ignoring the machine's own settings in /etc.
 * @returns the environment to start it in
 */
export async function prepareBrokerNode(settings: BrokerNodeSettings): Promise<Record<string, string>> {
  const at = (name: string) => path.join(settings.folder, name);
  const configuration = [
    `listeners.tcp.1 = 127.0.0.1:${settings.amqpPort}`,
    'default_user = bulkhead',
    `default_pass = ${settings.password}`,
    'disk_free_limit.absolute = 50MB',
    'log.console = true',
    'log.console.level = info',
    'log.file = false',
    ...(settings.configuration ?? []),
    '',
  ];
  await Promise.all([
    writeFile(at('rabbitmq.conf'), configuration.join('\n'), { mode: 0o600 }),
    writeFile(at('enabled_plugins'), `[${(settings.plugins ?? []).join(',')}].\n`),
    writeFile(at('rabbitmq-env.conf'), ''),
  ]);
  return {
    ...brokerEnvironment(settings),
    RABBITMQ_NODENAME: settings.name,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(settings.amqpPort),
    RABBITMQ_DIST_PORT: String(settings.distributionPort),
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
    // Few schedulers that sleep when idle: it shares the machine with everything else.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `+S ${settings.schedulers}:${settings.schedulers} +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1} ${memoryLimit(settings)}`,
  };
}

/** As an argument of Erlang, which works for every way to run a broker. */
export const memoryLimit = ({ memoryLimitBytes }: Pick<BrokerNodeSettings, 'memoryLimitBytes'>): string =>
  memoryLimitBytes === undefined ? '' : `-rabbit vm_memory_high_watermark {absolute,${memoryLimitBytes}}`;

const startTimeoutMs = 120_000;

/**
 * Starts a prepared node, and waits until it is ready. It does not keep this process alive, and ends with it.
 * @param program path of rabbitmq-server
 * @throws BrokerDidNotStart
 */
export async function startBrokerNode(
  program: string,
  options: { env: NodeJS.ProcessEnv; cwd: string; removeOnDeath?: readonly string[] },
): Promise<OwnedProcess & { readonly version: string | undefined }> {
  const server = spawnOwned(program, [], { ...options, group: true, stdio: ['ignore', 'pipe', 'pipe'] });
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
}

/** With the end of the broker's output. */
export class BrokerDidNotStart extends Error {
  readonly output: string;
  readonly version: string | undefined;

  constructor(output: string, version: string | undefined) {
    super(`RabbitMQ did not start: ${output.trim().split('\n').slice(-8).join(' | ')}`);
    this.output = output;
    this.version = version;
  }
}
