import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import amqp from 'amqplib';
import { freePort } from '@bulkhead/development/free-ports';
import { startBroker } from '@bulkhead/development/broker-process';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker } from './rabbitmq';

jest.setTimeout(120_000);

const sendAndReceive = async (url: string, queue: string) => {
  const connection = await amqp.connect(url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  channel.sendToQueue(queue, Buffer.from('hello'), { persistent: true });
  await channel.waitForConfirms();
  const message = await eventually(() => channel.get(queue));
  channel.ack(message);
  await connection.close();
  return message.content.toString();
};

/** Compiled to one file, for a process that this test may kill. */
const bundle = (source: string, outfile: string) => {
  const root = path.join(__dirname, '../../../..');
  execFileSync(
    path.join(root, 'node_modules/.bin/esbuild'),
    [source, '--bundle', '--platform=node', `--outfile=${outfile}`, '--log-level=warning'],
    { cwd: root },
  );
};

const processesIn = (folder: string) =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder)).length;

it('gives every test a virtual host that no other user can enter', async () => {
  const [one, two] = await Promise.all([createTestBroker(), createTestBroker()]);
  try {
    expect(await sendAndReceive(one.url, `${one.prefix}greetings`)).toBe('hello');
    if (!one.admin || !two.admin) return;
    const user = await one.admin.createUserUrl('reader', { configure: '', write: '', read: '^greetings$' });
    const elsewhere = new URL(user);
    elsewhere.pathname = `/${two.admin.vhost}`;
    await expect(amqp.connect(elsewhere.toString())).rejects.toThrow('ConnectionClose');
    const connection = await amqp.connect(user);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    await expect(channel.assertQueue('another')).rejects.toThrow(/ACCESS[-_]REFUSED/);
    await connection.close();
  } finally {
    await one.drop();
    await two.drop();
  }
});

it('keeps durable messages over a restart on the same port and folder', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bulkhead-rabbitmq-test-'));
  const port = await freePort();
  const first = await startBroker({ dataDir, port });
  const sending = await amqp.connect(first.url);
  sending.on('error', () => undefined);
  const channel = await sending.createConfirmChannel();
  await channel.assertQueue('kept', { durable: true });
  channel.sendToQueue('kept', Buffer.from('still here'), { persistent: true });
  await channel.waitForConfirms();
  await sending.close();
  await expect(startBroker({ dataDir })).rejects.toThrow('in use');
  await first.stop();

  const second = await startBroker({ dataDir, port });
  const receiving = await amqp.connect(second.url);
  const message = await (await receiving.createChannel()).get('kept');
  expect(message && message.content.toString()).toBe('still here');
  await receiving.close();
  await second.stop();
  expect(processesIn(dataDir)).toBe(0);
  await rm(dataDir, { recursive: true });
});

it('leaves no process and no folder behind when its owner is killed', async () => {
  const temporary = await mkdtemp(path.join(tmpdir(), 'bulkhead-killed-'));
  const code = path.join(await mkdtemp(path.join(tmpdir(), 'bulkhead-code-')), 'broker.cjs');
  bundle('libs/development/src/broker-process.ts', code);
  const script = `require(${JSON.stringify(code)}).startBroker().then(() => setInterval(() => {}, 1000))`;
  const owner = spawn(process.execPath, ['-e', script], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
  const folder = await eventually(
    () => {
      const name = readdirSync(temporary).find((entry) => entry.startsWith('bulkhead-rabbitmq-'));
      return name !== undefined && existsSync(path.join(temporary, name, 'server.json')) && name;
    },
    { timeoutMs: 90_000, what: 'a started broker' },
  );
  expect(processesIn(folder)).toBeGreaterThan(0);
  owner.kill('SIGKILL');
  await eventually(() => processesIn(folder) === 0 && readdirSync(temporary).length === 0, {
    timeoutMs: 40_000,
    what: 'the end of the broker',
  });
  await rm(temporary, { recursive: true });
  await rm(path.dirname(code), { recursive: true });
});
