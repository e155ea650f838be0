import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@bulkhead/database/free-ports';
import { type OwnedProcess, spawnOwned } from '@bulkhead/database/owned-process';
import { findBrokerProgram } from '@bulkhead/messaging/broker-program';

export interface BrokerNode {
  readonly url: string;
  /** SIGKILL to all of it, as a machine's end would be. */
  kill(): Promise<void>;
  /** Starts it again with what it had stored. */
  start(): Promise<void>;
}

export interface BrokerCluster {
  readonly nodes: readonly BrokerNode[];
  stop(): Promise<void>;
}

const startTimeoutMs = 120_000;

/**
 * RabbitMQ nodes of one cluster, on loopback, with a name service and a cookie of their own. Members that are lost pause
 * nobody (`cluster_partition_handling = ignore`, the default). They end with this process.
 * @throws Error where RabbitMQ can only be had as a container here
 */
export async function startBrokerCluster(size: number): Promise<BrokerCluster> {
  const program = await findBrokerProgram();
  if (program === 'container') throw new Error('a cluster needs a rabbitmq-server on this machine');
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-cluster-'));
  await writeFile(path.join(folder, '.erlang.cookie'), randomBytes(12).toString('hex'), { mode: 0o400 });
  const password = randomBytes(12).toString('hex');
  const names = Array.from({ length: size }, (_, index) => `node${index + 1}@localhost`);
  const epmdPort = String(await freePort());
  const shared = {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/bin`,
    LANG: 'C.UTF-8',
    HOME: folder,
  };
  const nameService = spawnOwned(program.epmd, ['-port', epmdPort, '-address', '127.0.0.1'], {
    env: shared,
    stdio: 'ignore',
    removeOnDeath: [folder],
  });

  const createNode = async (name: string) => {
    const home = path.join(folder, name);
    await mkdir(home);
    const [port, dist] = await Promise.all([freePort(), freePort()]);
    const configuration = [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      `default_user = bulkhead`,
      `default_pass = ${password}`,
      'cluster_formation.peer_discovery_backend = classic_config',
      ...names.map((each, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${each}`),
      'disk_free_limit.absolute = 50MB',
      'log.console = true',
      'log.file = false',
      '',
    ];
    const at = (file: string) => path.join(home, file);
    await writeFile(at('rabbitmq.conf'), configuration.join('\n'));
    await writeFile(at('enabled_plugins'), '[].\n');
    await writeFile(at('rabbitmq-env.conf'), '');
    const env = {
      ...shared,
      ERL_EPMD_PORT: epmdPort,
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: name,
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(dist),
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
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
    };
    let running: OwnedProcess | undefined;
    return {
      url: `amqp://bulkhead:${password}@127.0.0.1:${port}`,
      async start() {
        running = spawnOwned(program.server, [], {
          env,
          cwd: home,
          group: true,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        await untilStarted(name, running);
      },
      async kill() {
        if (!running) return;
        process.kill(-running.child.pid!, 'SIGKILL');
        await running.ended;
        await running.stop();
        running = undefined;
      },
    };
  };
  const nodes = await Promise.all(names.map(createNode));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    await nameService.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    // At once: each waits for the others before it makes a cluster.
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}

function untilStarted(name: string, { child, ended }: OwnedProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${name} did not start: ${output.slice(-2_000)}`));
    const timer = setTimeout(fail, startTimeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8_000);
      if (!output.includes('Server startup complete')) return;
      clearTimeout(timer);
      resolve();
    });
    void ended.then(() => {
      clearTimeout(timer);
      fail();
    });
  });
}
