import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-ports';
import { type OwnedProcess, spawnOwned } from './owned-process';
import { brokerEnvironment, prepareBrokerNode, startBrokerNode } from './broker-node';
import { findBrokerProgram } from './broker-program';

export interface BrokerNode {
  readonly url: string;
  /** SIGKILL to the whole node, as in a machine failure. */
  kill(): Promise<void>;
  /** Restarts it with its stored data. */
  start(): Promise<void>;
}

export interface BrokerCluster {
  readonly nodes: readonly BrokerNode[];
  stop(): Promise<void>;
}

/**
 * RabbitMQ nodes of one cluster, on loopback, with a separate name service and cookie. A lost member pauses no other
 * (`cluster_partition_handling = ignore`, the default). They end with this process.
 * @throws Error if RabbitMQ is only available as a container here
 */
export async function startBrokerCluster(size: number): Promise<BrokerCluster> {
  const program = await findBrokerProgram();
  if (program === 'container') throw new Error('a cluster needs a rabbitmq-server on this machine');
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-cluster-'));
  await writeFile(path.join(folder, '.erlang.cookie'), randomBytes(12).toString('hex'), { mode: 0o400 });
  const password = randomBytes(12).toString('hex');
  const names = Array.from({ length: size }, (_, index) => `node${index + 1}@localhost`);
  const epmdPort = await freePort();
  const nameService = spawnOwned(program.epmd, ['-port', String(epmdPort), '-address', '127.0.0.1'], {
    env: brokerEnvironment({ home: folder, epmdPort }),
    stdio: 'ignore',
    removeOnDeath: [folder],
  });

  const createNode = async (name: string) => {
    const home = path.join(folder, name);
    await mkdir(home);
    const [amqpPort, distributionPort] = await Promise.all([freePort(), freePort()]);
    const env = await prepareBrokerNode({
      folder: home,
      home: folder,
      name,
      password,
      amqpPort,
      distributionPort,
      epmdPort,
      configuration: [
        'cluster_formation.peer_discovery_backend = classic_config',
        ...names.map((each, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${each}`),
      ],
      schedulers: 1,
    });
    let running: OwnedProcess | undefined;
    return {
      url: `amqp://bulkhead:${password}@127.0.0.1:${amqpPort}`,
      async start() {
        running = await startBrokerNode(program.server, { env, cwd: home });
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
  // Concurrently: each waits for the others before it forms a cluster.
  const starts = await Promise.allSettled(nodes.map((node) => node.start()));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { nodes, stop };
}
