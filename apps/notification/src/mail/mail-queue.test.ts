import path from 'node:path';
import { createDatabase, type PooledDatabase } from '@bulkhead/database/pool';
import { createTestDatabase, type TestDatabase } from '@bulkhead/database/testing/postgres';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { randomIds as ids } from '@bulkhead/service/ids';
import { notificationDatabase } from '../database';
import { type ClaimedMail, createMailQueue, type MailQueue } from './mail-queue';
import { claim, end, markSending } from './mail-queue.sql';

const leaseMs = 60_000;
const template = 'order-confirmed';

let testDatabase: TestDatabase;
let database: PooledDatabase;
let queue: MailQueue;
/** Names of the statements that were sent. */
const sent: string[] = [];
beforeAll(async () => {
  const migrationsDir = path.join(__dirname, '../../prisma/migrations');
  testDatabase = await createTestDatabase({ service: 'notification', migrationsDir });
  database = createDatabase({
    url: testDatabase.url,
    applicationName: 'notification',
    observer: { finished: (name) => sent.push(name) },
  });
  queue = createMailQueue({
    database: notificationDatabase(database),
    outbox: { append: async () => undefined, rows: () => '[]', wake: () => undefined },
    ids,
    clock,
    leaseMs,
  });
}, 60_000);
beforeEach(() => database.query({ text: 'delete from mail' }));
afterAll(async () => {
  await database?.close();
  await testDatabase?.drop();
});

const queueMails = (count: number) =>
  database.query({
    text: `insert into mail (event_id, template, user_id, facts, expires_at)
      select gen_random_uuid(), $2, gen_random_uuid(), '{}', now() + interval '1 hour' from generate_series(1, $1)`,
    values: [count, template],
  });
const mails = async () =>
  (
    await database.query<{ id: string; state: string; reason: string | null; leased: boolean }>({
      text: `select event_id as id, state, reason, lease_owner is not null as leased from mail order by event_id`,
    })
  ).rows;
const byId = (one: { eventId: string }, other: { eventId: string }) => (one.eventId < other.eventId ? -1 : 1);

test('mails of the same moment are noted together, and one that is no longer in hand is left out', async () => {
  await queueMails(4);
  const claimed = (await queue.claim(4, [template])).toSorted(byId);
  const [forgotten, lost, one, other] = claimed as [ClaimedMail, ClaimedMail, ClaimedMail, ClaimedMail];
  await database.query({ text: 'delete from mail where event_id = $1', values: [forgotten.eventId] });
  await database.query({
    text: 'update mail set lease_owner = gen_random_uuid() where event_id = $1',
    values: [lost.eventId],
  });
  sent.splice(0);
  expect(await Promise.all(claimed.map((mail) => queue.markSending(mail)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  await Promise.all([
    queue.end(one, 'sent', undefined),
    queue.end(other, 'failed', 'the address is refused'),
    queue.end(lost, 'failed', 'somebody else has it'),
  ]);
  expect(sent).toEqual(['mail-sending', 'mail-end']);
  expect(await mails()).toEqual([
    { id: lost.eventId, state: 'queued', reason: null, leased: true },
    { id: one.eventId, state: 'sent', reason: null, leased: false },
    { id: other.eventId, state: 'failed', reason: 'the address is refused', leased: false },
  ]);
});

test('a claim waits for no disk, and what follows from it does', async () => {
  await queueMails(1);
  const commitAfter = (statement: { text: string }, values: readonly unknown[]) =>
    database.transaction(async (tx) => {
      await tx.query({ text: 'set local synchronous_commit = on' });
      expect((await tx.query({ ...statement, values })).rowCount).toBe(1);
      const { rows } = await tx.query<{ synchronous_commit: string }>({ text: 'show synchronous_commit' });
      return rows[0]?.synchronous_commit;
    });
  const lease = ids.next();
  expect(await commitAfter(claim, [lease, leaseMs, 1, [template]])).toBe('off');
  const [mail] = await mails();
  const ofLease = [[mail!.id], [template], [lease]];
  expect(await commitAfter(markSending, [...ofLease, leaseMs])).toBe('on');
  expect(await commitAfter(end, [...ofLease, ['sent'], [null]])).toBe('on');
});
