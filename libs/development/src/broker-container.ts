import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { spawnOwned } from './owned-process';
import type { Broker, BrokerOptions } from './broker';
import { memoryLimit } from './broker-node';

const run = promisify(execFile);
const image = 'rabbitmq:4-management';
const startTimeoutMs = 180_000;

/** RabbitMQ in a container that is removed with this process. Queues live as long as the container. */
export const startBrokerContainer = async ({ port, memoryLimitBytes }: BrokerOptions): Promise<Broker> => {
  const name = `bulkhead-rabbitmq-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(24).toString('hex');
  const server = spawnOwned(
    'docker',
    [
      ...['run', '--rm', '--name', name, '--hostname', 'localhost'],
      ...['--publish', `127.0.0.1:${port ?? ''}:5672`, '--publish', '127.0.0.1::15672'],
      ...['--publish', '127.0.0.1::15692'],
      ...['--env', 'RABBITMQ_DEFAULT_USER=bulkhead', '--env', 'RABBITMQ_DEFAULT_PASS'],
      ...['--env', `RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=${memoryLimit({ memoryLimitBytes })}`],
      image,
    ],
    { env: { ...process.env, RABBITMQ_DEFAULT_PASS: password }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), startTimeoutMs);
    let output = '';
    server.child.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (output.includes('Server startup complete')) resolve(true);
    });
    void server.ended.then(() => resolve(false));
    void server.ended.finally(() => clearTimeout(timer));
  });
  if (!isReady) {
    await server.stop();
    throw new Error(`RabbitMQ did not start in a container of ${image}`);
  }
  const published = async (inside: number) => {
    const { stdout } = await run('docker', ['port', name, String(inside)]);
    return stdout.trim().split('\n')[0] ?? '';
  };
  return {
    url: `amqp://bulkhead:${password}@${await published(5672)}`,
    managementUrl: `http://bulkhead:${password}@${await published(15672)}`,
    metricsAddress: await published(15692),
    ended: server.ended,
    stop: () => server.stop(30_000),
  };
};
