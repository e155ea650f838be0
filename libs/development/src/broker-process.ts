import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimDirectory, identify, isAlive, type ProcessIdentity } from './directory-claim';
import { DataDirectoryOfAnotherVersion } from './embedded';
import { freePort } from './free-ports';
import { spawnOwned } from './owned-process';
import { type BrokerProgram, findBrokerProgram } from './broker-program';
import { startBrokerContainer } from './broker-container';
import { type Broker, type BrokerOptions } from './broker';
import { BrokerDidNotStart, brokerEnvironment, prepareBrokerNode, startBrokerNode } from './broker-node';

/**
 * Starts a RabbitMQ on loopback: a `rabbitmq-server` on the PATH, else a container, else (root on Debian) one installed
 * by apt-get. It shares nothing with another broker on the machine (separate ports, name service, cookie and folders)
 * and ends with this process, however that ends.
 * @throws DataDirectoryOfAnotherVersion when another RabbitMQ created the folder, whose data this one does not support;
 *   Error in one sentence when there is no way to run one, or with the end of the broker's output when it does not
 *   start
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
    const [password, amqp, management, metrics, distribution, epmdPort] = await Promise.all([
      passwordOf(dataDir),
      options.port ?? freePort(),
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const env = await prepareBrokerNode({
      folder: dataDir,
      home: dataDir,
      name: 'bulkhead@localhost',
      password,
      amqpPort: amqp,
      distributionPort: distribution,
      epmdPort,
      plugins: ['rabbitmq_management', 'rabbitmq_prometheus'],
      configuration: [
        'management.tcp.ip = 127.0.0.1',
        `management.tcp.port = ${management}`,
        'management.disable_stats = true',
        'management_agent.disable_metrics_collector = true',
        'prometheus.tcp.ip = 127.0.0.1',
        `prometheus.tcp.port = ${metrics}`,
      ],
      schedulers: 2,
      memoryLimitBytes: options.memoryLimitBytes,
    });
    const removal = isTemporary ? { removeOnDeath: [dataDir] } : {};
    const epmd = spawnOwned(program.epmd, ['-port', String(epmdPort), '-address', '127.0.0.1'], {
      env: brokerEnvironment({ home: dataDir, epmdPort }),
      cwd: dataDir,
      stdio: 'ignore',
    });
    epmd.child.unref();
    const server = await startBrokerNode(program.server, { env, cwd: dataDir, ...removal }).catch(
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

/** The folder is claimed, so a broker still running in it has just lost its owner and is being stopped. */
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

/** Version of the RabbitMQ that last started in a data folder. */
const versionFile = 'version';

/** A broker supports data of its own series and of some before it; for others it fails with an obscure Erlang error. */
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
