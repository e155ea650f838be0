import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTestBroker } from './testing/rabbitmq';
import { openTlsFront } from '@bulkhead/testing/tls-front';
import { createTestDatabases, type TestDatabases } from './conformance/world';

const run = promisify(execFile);
const root = path.join(__dirname, '../../..');
const id = '019b76da-a800-7000-8000-000000000001';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases();
}, 60_000);
afterAll(() => databases?.drop());
afterEach(() => databases.clear());

const deadletters = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, ['tools/shop/deadletters.ts', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
  }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
const onDatabase = (...args: string[]) => deadletters([...args, '--database-url', databases.readerUrl]);

test('an operator lists, reads, redrives and drops dead letters', async () => {
  const bury = () =>
    databases.reader.query({
      text: `insert into dead_letter (consumer_group, message_id, event_type, body, attempts, reason)
        values ('notification.orders', $1, 'order.confirmed.v1', '{"n":1}', 5, 'retries-exhausted: Error: no')`,
      values: [id],
    });
  await bury();
  expect((await onDatabase('list')).stdout).toContain('notification.orders\t1\n');
  expect((await onDatabase('list', 'notification.orders')).stdout).toMatch(
    new RegExp(`^${id}\torder.confirmed.v1\tattempts 5\t.*\tretries-exhausted: Error: no\n$`),
  );
  expect((await onDatabase('show', 'notification.orders', id)).stdout).toContain('{"n":1}');
  expect((await onDatabase('redrive', 'notification.orders', id)).stdout).toBe('sent again: 1\n');
  const { rows } = await databases.reader.query({ text: 'select message_id, attempt, body from delivery' });
  expect(rows).toEqual([{ message_id: id, attempt: 1, body: '{"n":1}' }]);
  await bury();
  expect((await onDatabase('drop', 'notification.orders', '--all')).stdout).toBe('dropped: 1\n');
  expect((await onDatabase('show', 'notification.orders', id)).code).toBe(2);
}, 30_000);

test('an unknown group, an unknown id or no place to look is answered with a sentence', async () => {
  expect(await onDatabase('list', 'nobody')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no group nobody'),
  });
  expect(await onDatabase('redrive', 'notification.orders', id)).toMatchObject({
    code: 2,
    stderr: `notification.orders has no dead letter ${id}\n`,
  });
  expect(await deadletters(['list'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('neither RABBITMQ_URL nor --database-url'),
  });
}, 30_000);

test('on a broker where nothing was sent yet, every group has none; one that cannot be used says why', async () => {
  const broker = await createTestBroker();
  const plain = new URL(broker.url);
  const front = await openTlsFront({ host: plain.hostname, port: Number(plain.port || 5672) });
  try {
    const secure = broker.url.replace('amqp:', 'amqps:').replace(plain.host, `localhost:${front.port}`);
    for (const environment of [
      { RABBITMQ_URL: broker.url },
      { RABBITMQ_URL: `amqp://127.0.0.1:1,${broker.url}` },
      { RABBITMQ_URL: secure, RABBITMQ_CA: front.ca },
    ]) {
      const { code, stdout } = await deadletters(['list'], environment);
      expect(code).toBe(0);
      expect(stdout).toContain('notification.orders\t0\n');
    }
    expect(await deadletters(['list'], { RABBITMQ_URL: secure })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^RabbitMQ cannot be reached: localhost:\d+: the certificate .* \(see RABBITMQ_CA\)\n$/,
      ),
    });
  } finally {
    await front.close();
    await broker.drop();
  }
}, 60_000);
