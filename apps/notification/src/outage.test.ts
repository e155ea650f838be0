import { authInternal } from '@bulkhead/contracts/auth/api';
import * as order from '@bulkhead/contracts/order/events';
import { erased } from '@bulkhead/contracts/profile/erased';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { profileInternal } from '@bulkhead/contracts/profile/api';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { withClient } from '@bulkhead/database/admin-client';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Policy } from '@bulkhead/resilience/policy';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { randomIds } from '@bulkhead/service/ids';
import type { Dependencies, ServiceDefinition } from '@bulkhead/service/service';
import type { TestService } from '@bulkhead/service/testing/test-service';
import { createMetrics } from '@bulkhead/telemetry/metrics';
import { eventually } from '@bulkhead/testing/eventually';
import { planOf } from '@bulkhead/database/testing/plan';
import { type Mailbox, startMailbox } from '@bulkhead/testing/smtp';
import { notificationService } from './app';
import { notificationDatabase } from './database';
import { createDirectory, type Directory } from './mail/directory';
import { createMailMetrics } from './mail/mail-metrics';
import { createMailQueue } from './mail/mail-queue';
import { claimExpired } from './mail/mail-queue.sql';
import { createSender, type Sender } from './mail/sender';
import { createSmtp, MailRefused, type Smtp, type SmtpOptions } from './mail/smtp';
import { deliver, eventOf, setStage, type Stage } from './testing/stage';

const from = { name: 'Bulkhead', address: 'shop@mail.example.org', host: 'mail.example.org' };
const never = new AbortController().signal;

let stage: Stage;
let service: TestService;
let dependencies: Dependencies;
let mailbox: Mailbox | undefined;
let smtp: Smtp;
let port: number;

/** The service without its sender, and what it was made of: the sender runs on a clock that the test moves. */
const withoutSender: ServiceDefinition = {
  ...notificationService,
  async create(given) {
    dependencies = given;
    const made = await notificationService.create(given as never);
    return {
      ...made,
      jobs: (made.jobs ?? []).filter(({ name }) => !['send-mails', 'end-expired-mails'].includes(name)),
    };
  },
};

beforeEach(async () => {
  stage = await setStage();
  service = await stage.start({}, withoutSender);
  mailbox = await startMailbox();
  port = mailbox.port;
  smtp = smtpOn(dependencies.clock);
});
afterEach(async () => {
  smtp.close();
  await mailbox?.stop();
  await stage.stop();
});

const smtpOn = (clock: Clock, changed: Partial<SmtpOptions> = {}) =>
  createSmtp({ url: `smtp://127.0.0.1:${port}`, from, connections: 4, clock, ...changed });
const directoryOfPeers = (): Directory =>
  createDirectory({
    ...dependencies,
    profile: dependencies.peer('profile', profileInternal),
    auth: dependencies.peer('auth', authInternal),
  });
const senderOn = (
  clock: Clock,
  changed: { smtp?: Smtp; directory?: Directory; retryDelaysMs?: readonly number[] } = {},
): Sender =>
  createSender({
    ...dependencies,
    clock,
    smtp,
    queue: createMailQueue({ ...dependencies, database: notificationDatabase(dependencies.database) }),
    directory: directoryOfPeers(),
    publicUrl: 'https://shop.example.org',
    metrics: createMailMetrics(createMetrics({ service: 'test' }), service.database),
    lanes: 4,
    ...changed,
  });
const confirmed = (userId: string) =>
  eventOf(subscriptions.notificationOrders, order.orderConfirmed, {
    userId,
    orderId: randomIds.next(),
    total: { amount: 100, currency: 'EUR' },
  });
const mails = async () => {
  const { rows } = await service.database.query<{ state: string; attempt: number; count: number }>({
    text: 'select state, attempt, count(*)::int as count from mail group by state, attempt',
  });
  return rows;
};
const queued = (count: number) =>
  eventually(async () => (await mails())[0]?.count === count, { timeoutMs: 30_000, what: `${count} mails` });

test('a mail server that is down for 30 minutes and 1,000 orders costs no mail and doubles none', async () => {
  await mailbox?.stop();
  const people = Array.from({ length: 10 }, () => stage.person());
  const events = Array.from({ length: 1_000 }, (_, n) => confirmed(people[n % people.length]!.userId));
  await deliver(service, ...events);
  await queued(1_000);

  const clock = createVirtualClock();
  let tries = 0;
  let policy: Policy | undefined;
  const delayed = smtpOn(clock, { watchPolicy: (watched) => (policy = watched) });
  const counted: Smtp = { ...delayed, send: (mail) => ((tries += 1), delayed.send(mail)) };
  const sender = senderOn(clock, { smtp: counted });
  for (let elapsedMs = 0; elapsedMs < 30 * 60_000; elapsedMs += 5_000) {
    await sender.sendDue(never);
    await clock.advance(5_000);
  }
  expect(await mails()).toEqual([{ state: 'queued', attempt: 1, count: 1_000 }]);
  expect(tries).toBeGreaterThan(30);
  expect(tries).toBeLessThan(150);
  expect(policy?.breaker?.state).toBe('open');

  mailbox = await startMailbox({ port });
  for (let round = 0; round < 20; round += 1) {
    await sender.sendDue(never);
    await clock.advance(30_000);
  }
  expect(await mails()).toEqual([{ state: 'sent', attempt: 1, count: 1_000 }]);
  const ids = mailbox.messages().map(({ messageId }) => messageId);
  expect(ids).toHaveLength(1_000);
  expect(new Set(ids)).toEqual(new Set(events.map(({ id }) => `<${id}@mail.example.org>`)));
  expect(policy?.breaker?.state).toBe('closed');
  delayed.close();
}, 120_000);

test('how the mail server is doing is seen in metrics as it is of peers', async () => {
  const seen = await service.metrics();
  expect(seen).toMatch(/^http_client_breaker_state\{[^}]*peer="smtp",state="closed"[^}]*\} 1$/m);
  expect(seen).toMatch(/^http_client_bulkhead_limit_calls\{[^}]*peer="smtp",place="running"[^}]*\} 4$/m);
});

test.each([
  ['begins to send it', false],
  ['wants to note that it was sent', true],
])('a mail is sent once although the database is away when its sender %s', async (_when, after) => {
  await deliver(service, confirmed(stage.person().userId));
  await queued(1);
  const { adminUrl, name } = service.testDatabase!;
  const admit = (connections: number) =>
    withClient(adminUrl, async (admin) => {
      await admin.query(`alter database ${name} connection limit ${connections}`);
      await admin.query(ended, [name]);
    });
  const ended = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = $1 and pid <> pg_backend_pid()`;
  let back: Promise<void> | undefined;
  const cut = async () => {
    if (back) return;
    await admit(0);
    back = new Promise((resolve) => setTimeout(resolve, 500)).then(() => admit(-1));
  };
  const cutting: Smtp = {
    ...smtp,
    async send(mail) {
      await smtp.send(mail);
      if (after) await cut();
    },
  };
  const directory: Directory = {
    async contact(userId) {
      if (!after) await cut();
      return directoryOfPeers().contact(userId);
    },
    token: async () => undefined,
  };
  const sender = senderOn(createVirtualClock(), { smtp: cutting, directory });
  await sender.sendDue(never).finally(() => back);
  expect(await mails()).toEqual([{ state: 'sent', attempt: 1, count: 1 }]);
  await sender.sendDue(never);
  expect(mailbox!.messages()).toHaveLength(1);
});

test('a mail that is refused again and again fails with the reason when its attempts are used up; others go out', async () => {
  const [rejected, other] = [stage.person(), stage.person()];
  await deliver(service, confirmed(rejected.userId), confirmed(other.userId));
  await queued(2);
  let refusals = 0;
  const picky: Smtp = {
    ...smtp,
    async send(mail) {
      if (mail.to.address !== rejected.email) return smtp.send(mail);
      refusals += 1;
      throw new MailRefused(450);
    },
  };
  const sender = senderOn(createVirtualClock(), { smtp: picky, retryDelaysMs: [1, 1, 1] });
  await eventually(async () => {
    await sender.sendDue(never);
    return refusals === 4 && (await mails()).length === 2;
  });
  const { rows } = await service.database.query({
    text: 'select user_id as "userId", state, reason from mail order by state',
  });
  expect(rows).toEqual([
    { userId: rejected.userId, state: 'failed', reason: 'smtp-450' },
    { userId: other.userId, state: 'sent', reason: null },
  ]);
  await sender.sendDue(never);
  expect(refusals).toBe(4);
});

test('what has become useless is not sent when the mail server comes back', async () => {
  await mailbox?.stop();
  await deliver(service, confirmed(stage.person().userId));
  await queued(1);
  const clock = createVirtualClock();
  const sender = senderOn(clock);
  await sender.sendDue(never);
  await service.database.query({ text: `update mail set expires_at = now() - interval '1 second'` });
  mailbox = await startMailbox({ port });
  await clock.advance(60_000);
  await sender.sendDue(never);
  expect(mailbox.messages()).toEqual([]);
  expect((await service.database.query({ text: 'select state, reason from mail' })).rows).toEqual([
    { state: 'failed', reason: 'expired' },
  ]);
});

test('an erasure is answered in the end although the mail server never comes back', async () => {
  await mailbox?.stop();
  const { userId } = stage.person();
  const erasureId = randomIds.next();
  stage.erasures.requested.set(userId, erasureId);
  await deliver(service, eventOf(subscriptions.notificationErasure, erasureRequested, { userId, erasureId }));
  await queued(1);
  const answered = async () => {
    const { rows } = await service.database.query({
      text: 'select 1 from outbox where type = $1 and subject = $2',
      values: [erased.notification.type, userId],
    });
    return rows.length;
  };
  const sender = senderOn(createVirtualClock());
  await sender.sendDue(never);
  expect(await answered()).toBe(0);
  await service.database.query({ text: `update mail set expires_at = now() - interval '1 second'` });
  await sender.sendDue(never);
  expect(await answered()).toBe(1);
  expect(await mails()).toEqual([]);
  mailbox = undefined;
});

test('a mail that the server takes for ever to accept holds up no other', async () => {
  const [slow, other] = [stage.person(), stage.person()];
  await deliver(service, confirmed(slow.userId));
  await queued(1);
  const begun = Promise.withResolvers<void>();
  const accepted = Promise.withResolvers<void>();
  const hanging: Smtp = {
    ...smtp,
    async send(mail) {
      if (mail.to.address !== slow.email) return smtp.send(mail);
      begun.resolve();
      await accepted.promise;
    },
  };
  const stop = new AbortController();
  const sender = senderOn(dependencies.clock, { smtp: hanging });
  const running = sender.jobs.map((job) => job.run(stop.signal));
  try {
    await begun.promise;
    await deliver(service, confirmed(other.userId));
    const mail = await mailbox!.waitFor(({ to }) => to.includes(other.email));
    expect(mail.to).toEqual([other.email]);
  } finally {
    stop.abort();
    accepted.resolve();
    await Promise.all(running);
  }
});

test('looking for mails that are of no use any more does not look at those that wait', async () => {
  await service.database.query({
    text: `insert into mail (event_id, template, user_id, facts, expires_at)
      select gen_random_uuid(), 'welcome', gen_random_uuid(), '{}', now() + interval '1 day'
      from generate_series(1, 5000)`,
  });
  await service.database.query({ text: 'analyze mail' });
  const { ownerUrl } = service.testDatabase!;
  const plan = await planOf(ownerUrl, claimExpired, ['gen_random_uuid()', '1000', '200']);
  expect(plan).toMatch(/mail_expires.*\n\s*Index Cond: \(expires_at <=/);
  expect(plan).not.toMatch(/Seq Scan|mail_due|Rows Removed by Filter: [1-9]/);
});
