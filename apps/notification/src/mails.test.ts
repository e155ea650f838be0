import * as auth from '@bulkhead/contracts/auth/events';
import * as order from '@bulkhead/contracts/order/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { randomIds } from '@bulkhead/service/ids';
import type { TestService } from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { type Person, deliver, eventOf, setStage, type Stage } from './testing/stage';

let stage: Stage;
let service: TestService;

beforeAll(async () => {
  stage = await setStage();
  service = await stage.start();
});
afterAll(() => stage.stop());

const orders = subscriptions.notificationOrders;
const users = subscriptions.notificationUsers;
const confirmed = (userId: string) =>
  eventOf(orders, order.orderConfirmed, {
    userId,
    orderId: randomIds.next(),
    total: { amount: 123_450, currency: 'EUR' },
  });
const mailTo = ({ email }: Person, subject: RegExp) =>
  stage.mailbox.waitFor((mail) => mail.to.includes(email) && subject.test(mail.subject), 20_000);
const mailsTo = ({ email }: Person) => stage.mailbox.messages().filter(({ to }) => to.includes(email));

interface MailRow {
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
}
const mailRow = async (eventId: string) => {
  const { rows } = await service.database.query<MailRow>({
    text: 'select state, reason, attempt from mail where event_id = $1',
    values: [eventId],
  });
  return rows[0];
};
const ended = (eventId: string, state: string) =>
  eventually(
    async () => {
      const row = await mailRow(eventId);
      return row?.state === state ? row : false;
    },
    { what: `a mail that is ${state}`, timeoutMs: 20_000 },
  );

const total = { amount: 4_200, currency: 'EUR' };
const refundOf = (userId: string) => ({
  userId,
  orderId: randomIds.next(),
  refundId: randomIds.next(),
  amount: { amount: 1_200, currency: 'EUR' },
});
test.each([
  ['a welcome', /Welcome/, (userId: string) => eventOf(users, auth.userRegistered, { userId })],
  [
    'that the password was changed',
    /was changed/,
    (userId: string) => eventOf(users, auth.passwordChanged, { userId }),
  ],
  ['that the order is confirmed', /is confirmed/, confirmed],
  [
    'that the order was rejected',
    /could not be fulfilled/,
    (userId: string) =>
      eventOf(orders, order.orderRejected, { userId, orderId: randomIds.next(), reason: 'out-of-stock' }),
  ],
  [
    'that the order is cancelled',
    /is cancelled/,
    (userId: string) => eventOf(orders, order.orderCancelled, { userId, orderId: randomIds.next() }),
  ],
  [
    'that the order has expired',
    /has expired/,
    (userId: string) => eventOf(orders, order.orderExpired, { userId, orderId: randomIds.next() }),
  ],
  [
    'that the money comes back',
    /is refunded/,
    (userId: string) => eventOf(orders, order.orderRefunded, { userId, orderId: randomIds.next(), total }),
  ],
  [
    'that a part of the money comes back',
    /A refund for your order/,
    (userId: string) =>
      eventOf(orders, order.orderRefundPaid, { ...refundOf(userId), refundedTotal: total, total }),
  ],
  [
    'that a refund did not go through',
    /did not go through/,
    (userId: string) => eventOf(orders, order.orderRefundFailed, refundOf(userId)),
  ],
])('a person gets one mail with %s, whose Message-ID comes from the event', async (_what, subject, make) => {
  const person = stage.person({ name: 'Zoë <b>Bold</b>' });
  const event = make(person.userId);
  await deliver(service, event);
  const mail = await mailTo(person, subject);
  await ended(event.id, 'sent');
  expect(mail.messageId).toBe(`<${event.id}@mail.example.org>`);
  expect(mail.from).toBe('shop@mail.example.org');
  expect(mail.text).toContain('Hello Zoë <b>Bold</b>,');
  expect(mail.html).toContain('Zoë &lt;b&gt;Bold&lt;/b&gt;');
  expect(mailsTo(person)).toHaveLength(1);
});

test.each([
  [
    'verify the address',
    auth.emailVerificationRequested,
    /confirm your address/,
    'email-verification',
    'verify-email',
  ],
  ['set a new password', auth.passwordResetRequested, /new password/, 'password-reset', 'reset-password'],
] as const)(
  'the mail to %s carries a token made for it',
  async (_what, definition, subject, purpose, page) => {
    const person = stage.person();
    await deliver(service, eventOf(users, definition, { userId: person.userId }));
    const mail = await mailTo(person, subject);
    const token = /#token=(\S+)/.exec(mail.text)?.[1];
    expect(stage.tokens).toContainEqual({ userId: person.userId, purpose, token });
    expect(mail.text).toContain(`https://shop.example.org/${page}#token=`);
  },
);

test('amounts are written in the language of the person', async () => {
  const person = stage.person({ locale: 'de-DE' });
  await deliver(service, confirmed(person.userId));
  const { text } = await mailTo(person, /is confirmed/);
  expect(text.replaceAll(/\s/gu, ' ')).toContain('1.234,50 €');
});

test('a user without order mails still gets notifications in the shop, and mails about the account and refunds', async () => {
  const person = stage.person({ orderMail: false });
  const event = confirmed(person.userId);
  const owed = eventOf(orders, order.orderRefundFailed, refundOf(person.userId));
  await deliver(service, event, owed, eventOf(users, auth.passwordChanged, { userId: person.userId }));
  expect(await ended(event.id, 'dropped')).toMatchObject({ reason: 'not-wanted' });
  await mailTo(person, /was changed/);
  await mailTo(person, /did not go through/);
  expect(mailsTo(person)).toHaveLength(2);
});

test('a mail to a user without a profile is sent once the profile exists, without using an attempt', async () => {
  const person = { ...stage.person(), userId: randomIds.next() };
  const event = eventOf(users, auth.userRegistered, { userId: person.userId });
  await deliver(service, event);
  await eventually(async () => (await mailRow(event.id))?.reason === 'contact-unknown');
  stage.introduce(person);
  await mailTo(person, /Welcome/);
  expect(await ended(event.id, 'sent')).toMatchObject({ attempt: 1 });
});

test('while profile is away mails wait without using up attempts, and go out when it is back', async () => {
  const person = stage.person();
  stage.setUnavailable('profile', true);
  const event = confirmed(person.userId);
  await deliver(service, event);
  await eventually(async () => (await mailRow(event.id))?.reason === 'profile-away');
  stage.setUnavailable('profile', false);
  await mailTo(person, /is confirmed/);
  expect(await ended(event.id, 'sent')).toMatchObject({ attempt: 1 });
});

test('while auth is away only the mails that need a token wait', async () => {
  const person = stage.person();
  stage.setUnavailable('auth', true);
  const reset = eventOf(users, auth.passwordResetRequested, { userId: person.userId });
  await deliver(service, reset);
  await eventually(async () => (await mailRow(reset.id))?.reason === 'auth-away');
  await deliver(service, confirmed(person.userId));
  await mailTo(person, /is confirmed/);
  expect(await mailRow(reset.id)).toMatchObject({ state: 'queued', attempt: 1 });
  stage.setUnavailable('auth', false);
  await mailTo(person, /new password/);
});

test('a mail server that asks to come back later is given time, and loses nothing', async () => {
  const person = stage.person();
  stage.mailbox.refuse(true);
  const event = confirmed(person.userId);
  await deliver(service, event);
  await eventually(async () => (await mailRow(event.id))?.reason === 'smtp-away');
  stage.mailbox.refuse(false);
  await mailTo(person, /is confirmed/);
  expect(await ended(event.id, 'sent')).toMatchObject({ attempt: 1 });
});

test('a mail that the server refuses for good is given up once, says why and is counted', async () => {
  const person = stage.person({ email: 'a..b@people.example.org' });
  const event = eventOf(users, auth.emailVerificationRequested, { userId: person.userId });
  await deliver(service, event);
  expect(await ended(event.id, 'failed')).toEqual({ state: 'failed', reason: 'smtp-501', attempt: 1 });
  const attempts = (outcome: string) =>
    new RegExp(`mail_attempts_total{[^}]*"email-verification"[^}]*"${outcome}"[^}]*} (\\d+)`);
  const metrics = await service.metrics();
  expect(attempts('failed').exec(metrics)?.[1]).toBe('1');
  expect(attempts('retry').exec(metrics)?.[1] ?? '0').toBe('0');
  expect(mailsTo(person)).toEqual([]);
});

test('no address is stored anywhere', async () => {
  const person = stage.person();
  const event = confirmed(person.userId);
  await deliver(service, event);
  await ended(event.id, 'sent');
  const { rows: tables } = await service.database.query<{ name: string }>({
    text: `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  });
  expect(tables.map(({ name }) => name)).toContain('mail');
  for (const { name } of tables) {
    const { rows } = await service.database.query<{ row: string }>({
      text: `select t::text as row from ${name} t where t::text like '%people.example.org%'`,
    });
    expect(rows).toEqual([]);
  }
});

test('two replicas send each of many mails once', async () => {
  const replica = await stage.start({ database: service.testDatabase! });
  const person = stage.person();
  await deliver(replica, ...Array.from({ length: 120 }, () => confirmed(person.userId)));
  await eventually(() => mailsTo(person).length >= 120, { timeoutMs: 20_000 });
  await eventually(async () => {
    const { rows } = await service.database.query({
      text: `select 1 from mail where user_id = $1 and state <> 'sent'`,
      values: [person.userId],
    });
    return rows.length === 0;
  });
  expect(new Set(mailsTo(person).map(({ messageId }) => messageId)).size).toBe(120);
  expect(mailsTo(person)).toHaveLength(120);
});
