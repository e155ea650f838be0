import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as order from '@bulkhead/contracts/order/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { bundleProgram } from '@bulkhead/development/bundle-program';
import { randomIds } from '@bulkhead/service/ids';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { eventually } from '@bulkhead/testing/eventually';
import { notificationService } from './app';
import { deliver, eventOf, setStage, type Stage } from './testing/stage';

let stage: Stage;
let folder: string;
let program: string;

beforeAll(async () => {
  stage = await setStage();
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-sender-'));
  program = path.join(folder, 'dying-sender.cjs');
  await bundleProgram(path.join(__dirname, 'testing/dying-sender.ts'), program);
}, 60_000);
afterAll(async () => {
  await stage.stop();
  await rm(folder, { recursive: true, force: true });
});

const withoutSender: ServiceDefinition = {
  ...notificationService,
  async create(given) {
    const made = await notificationService.create(given as never);
    return { ...made, jobs: (made.jobs ?? []).filter(({ name }) => name !== 'send-mails') };
  },
};

test('a mail whose sender was killed before it noted it as sent comes again, under the same Message-ID', async () => {
  const quiet = await stage.start({}, withoutSender);
  const person = stage.person();
  const event = eventOf(subscriptions.notificationOrders, order.orderConfirmed, {
    userId: person.userId,
    orderId: randomIds.next(),
    total: { amount: 100, currency: 'EUR' },
  });
  await deliver(quiet, event);
  const mail = async () => {
    const { rows } = await quiet.database.query<{ state: string; attempt: number }>({
      text: 'select state, attempt from mail where event_id = $1',
      values: [event.id],
    });
    return rows[0];
  };
  await eventually(async () => (await mail()) !== undefined);

  const child = spawn(process.execPath, [program], {
    env: {
      DATABASE_URL: quiet.testDatabase!.url,
      SMTP_URL: stage.config['SMTP_URL'],
      ADDRESS: person.email,
      LEASE_MS: '500',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as unknown[];
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await mail()).toEqual({ state: 'sending', attempt: 1 });
  expect(stage.mailbox.messages()).toHaveLength(1);

  await stage.start({ database: quiet.testDatabase! });
  await eventually(async () => (await mail())?.state === 'sent');
  expect(stage.mailbox.messages().map(({ messageId }) => messageId)).toEqual([
    `<${event.id}@mail.example.org>`,
    `<${event.id}@mail.example.org>`,
  ]);
  expect(await mail()).toEqual({ state: 'sent', attempt: 2 });
}, 60_000);
