import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { serviceNames } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { withClient } from '@bulkhead/database/admin-client';
import { declareTopology } from '@bulkhead/messaging/rabbitmq/declare-topology';
import { createNames } from '@bulkhead/messaging/rabbitmq/topology';
import { issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { createTestBroker, type TestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { connect } from 'amqplib';

const run = promisify(execFile);
const id = '019b76da-a800-7000-8000-000000000001';

let folder: string;
let database: TestDatabase;
let broker: TestBroker;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-commands-'));
  database = await createTestDatabase({ service: 'order', migrationsDir: 'apps/order/prisma/migrations' });
  broker = await createTestBroker();
  const { order } = await declaredGroups();
  await bury(order);
  // As the charts give them: secrets in files, and those of the application role only.
  await writeFile(path.join(folder, 'database'), database.url);
  await writeFile(path.join(folder, 'broker'), broker.url);
  environment = {
    DATABASE_URL_FILE: path.join(folder, 'database'),
    RABBITMQ_URL_FILE: path.join(folder, 'broker'),
    RABBITMQ_PREFIX: `${broker.prefix}x.`,
  };
}, 60_000);
afterAll(async () => {
  await broker?.drop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** As `kubectl exec deploy/SERVICE -- node main.js …` does. */
const inImage = (service: string, args: readonly string[]) =>
  exec(service, process.execPath, ['main.js', ...args]);

async function exec(service: string, program: string, args: readonly string[], input = '') {
  try {
    const running = run(program, args, {
      cwd: path.resolve('dist/apps', service),
      env: { PATH: process.env['PATH'], ...environment },
    });
    running.child.stdin?.end(input);
    return { code: 0, ...(await running) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

async function declaredGroups() {
  const own = Object.values(subscriptions).filter(({ service }) => service === 'order');
  await declareTopology(broker.url, own, `${broker.prefix}x.`);
  return { order: own[0]!.group };
}

async function bury(group: string): Promise<void> {
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  const queue = createNames(`${broker.prefix}x.`).deadQueue(group);
  channel.sendToQueue(queue, Buffer.from('{"n":1}'), { messageId: id, type: 'payment.captured.v1' });
  await channel.waitForConfirms();
  await connection.close();
}

test('orders are listed and ended from the image of order', async () => {
  await withClient(database.adminUrl, (client) =>
    client.query(
      `insert into orders (id, user_id, state, version, attention_from, total_amount, currency, expires_at)
       values ($1, $1, 'needs_attention', 3, 'refunding', 100, 'EUR', now())`,
      [id],
    ),
  );
  const stuck = await inImage('order', ['orders', 'stuck']);
  expect(stuck.stdout).toContain(`${id} needs_attention from=refunding`);
  expect(await inImage('order', ['orders', 'resolve', id, '--as', 'confirmed'])).toMatchObject({
    code: 2,
    stderr: 'An order whose refund failed is resolved as refunded, once the money was given back.\n',
  });
});

test('dead letters of the service’s own groups, and of no others', async () => {
  const list = await inImage('order', ['deadletters', 'list']);
  expect(list.stdout).toMatch(/^order\.\S+\t1\n/);
  expect(
    list.stdout
      .trim()
      .split('\n')
      .every((line) => line.startsWith('order.')),
  ).toBe(true);
  expect(await inImage('order', ['deadletters', 'list', 'search.catalog'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^there is no group search\.catalog; the groups are order\./),
  });
  const [group] = list.stdout.split('\t');
  expect((await inImage('order', ['deadletters', 'redrive', group!, id])).stdout).toBe('sent again: 1\n');
});

test('how migrations stand is seen with what a pod knows, and changing them asks for the owner', async () => {
  const { stdout } = await inImage('order', ['migrate', 'status']);
  expect(stdout).toMatch(/^(applied {2}\d{14}_\w+\n)+$/);
  expect(await inImage('order', ['migrate'])).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(
      /^order migrate failed:\nMIGRATION_DATABASE_URL \(.*owner role\) is missing/,
    ),
  });
  // As docs/commands.md has it: by standard input, so that no list of processes shows the password.
  const shown = /'(MIGRATION_DATABASE_URL=.*migrate)'/.exec(await readFile('docs/commands.md', 'utf8'))![1]!;
  expect(await exec('order', 'sh', ['-c', shown], database.ownerUrl)).toMatchObject({
    code: 0,
    stdout: 'order: up to date\n',
  });
});

test('events are sent again to a service that was restored, by who sends them', async () => {
  const since = new Date().toISOString();
  expect((await inImage('order', ['resend', 'notification', '--since', since])).stdout).toBe(
    'order: 0 events are sent again\n',
  );
  expect(await inImage('order', ['resend', 'search', '--since', since])).toMatchObject({
    code: 2,
    stderr: 'search hears nothing from order; it hears from product, inventory.\n',
  });
  expect((await inImage('order', ['resend', 'notification', '--since', 'yesterday'])).code).toBe(2);
});

test('preflight says in a table what is wrong, and ends with 1; with 78 where the service could not even start', async () => {
  const unset = await inImage('order', ['preflight']);
  expect(unset).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(/^order preflight failed:\nSERVICE_IDENTITY_DIR /),
  });
  await issueDevIdentities(folder, 600);
  environment = {
    ...environment,
    SERVICE_IDENTITY_DIR: path.join(folder, 'order'),
    ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, 'http://127.0.0.1:2'])),
  };
  const before = await inImage('order', ['preflight', '--before-migrations', '--pods', '2']);
  expect(before).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^dns +ok .*\n0 failed, .*\n$/s),
  });
  const after = await inImage('order', ['preflight', '--json']);
  expect(after.code).toBe(1);
  const { service, passed, findings } = JSON.parse(after.stdout) as {
    service: string;
    passed: boolean;
    findings: { name: string; outcome: string }[];
  };
  expect([service, passed]).toEqual(['order', false]);
  expect(findings.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)).toEqual([
    'product',
    'inventory',
    'payment',
    'profile',
    'auth',
  ]);
  expect((await inImage('order', ['preflight', '--pods', 'many'])).code).toBe(2);
});

test('a word that is no command does not start a second service', async () => {
  expect(await inImage('gateway', ['orders'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^gateway has no command orders\. It serves when started without one/),
  });
  expect((await inImage('order', ['order'])).stderr).toContain('deadletters, migrate, orders, ');
});
