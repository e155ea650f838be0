import { erased } from '@bulkhead/contracts/profile/erased';
import type { EventDefinition } from '@bulkhead/contracts/event';
import { erasingServices, type ServiceName } from '@bulkhead/contracts/services';
import { userRegistered } from '@bulkhead/contracts/auth/events';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { events } from '@bulkhead/contracts/events';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { eventually } from '@bulkhead/testing/eventually';
import { type ProfileUnderTest, startProfile } from '../testing/profile-under-test';
import { pruneErasures } from './prune';
import { repeatRequests } from './repeat-requests';

let profile: ProfileUnderTest;
beforeAll(async () => {
  profile = await startProfile();
});
afterAll(() => profile.stop());

const erase = (userId: string) => profile.send(userId, 'DELETE', '');
const status = (userId: string) => profile.send(userId, 'GET', '/erasure');
const answer = (definition: EventDefinition, userId: string, erasureId: string) =>
  profile.deliver('profile.erasure', definition, { userId, erasureId });
const answered = async (userId: string) =>
  (await status(userId)).body.services
    .filter(({ answeredAt }: { answeredAt: string | null }) => answeredAt !== null)
    .map(({ service }: { service: string }) => service)
    .sort();
const requestsSent = async (userId: string) => {
  const { rows } = await profile.service.database.query({
    text: `select from outbox where subject = $1 and type = 'user.erasure-requested.v1'`,
    values: [userId],
  });
  return rows.length;
};

test('an erasure is complete when all services have answered, and then nothing is left', async () => {
  const userId = profile.person();
  await profile.send(userId, 'POST', '/addresses', {
    body: { recipient: 'Ada', line1: '1 Street', postalCode: '1', city: 'London', country: 'GB' },
  });
  const begun = await erase(userId);
  expect(begun.status).toBe(202);
  expect(begun.headers.get('location')).toBe('/api/v1/me/erasure');
  expect(begun.body.completedAt).toBeNull();
  const { id } = begun.body;

  // The farewell mail still finds the person, who no longer sees the profile.
  expect((await profile.contact(userId)).status).toBe(200);
  expect((await profile.send(userId, 'GET', '')).status).toBe(404);
  expect((await profile.send(userId, 'GET', '/addresses')).status).toBe(404);

  await answer(erased.notification, userId, id);
  await eventually(async () => (await answered(userId)).length === 1);
  expect((await profile.contact(userId)).status).toBe(404);

  await Promise.all(Object.values(erased).map((event) => answer(event, userId, id)));
  const complete = await eventually(async () => {
    const { body } = await status(userId);
    return body.completedAt !== null && body;
  });
  expect(complete.services.map(({ service }: { service: string }) => service).sort()).toEqual(
    erasingServices.toSorted(),
  );
  const { rows } = await profile.service.database.query({
    text: `select user_id from profiles where user_id = $1 union all select user_id from addresses where user_id = $1`,
    values: [userId],
  });
  expect(rows).toEqual([]);
});

test('services get the erasures that were requested, including completed ones', async () => {
  const userId = profile.person();
  const known = async (caller: ServiceName) =>
    (await fetch(`${profile.service.origin}/internal/profiles/${userId}/erasure`, {
      headers: await profile.service.asService(caller),
    }).then((response) => response.json())) as { erasureId: string | null };
  expect(await known('auth')).toEqual({ erasureId: null });
  const { id } = (await erase(userId)).body;
  expect(await known('payment')).toEqual({ erasureId: id });
  await Promise.all(Object.values(erased).map((event) => answer(event, userId, id)));
  await eventually(async () => (await status(userId)).body.completedAt !== null);
  expect(await known('order')).toEqual({ erasureId: id });
});

test('asked many times at once, one erasure begins', async () => {
  const userId = profile.person();
  const responses = await Promise.all(Array.from({ length: 8 }, () => erase(userId)));
  expect(new Set(responses.map(({ body }) => body.id)).size).toBe(1);
  expect(await requestsSent(userId)).toBe(1);
});

test('the last admin is not erased, and gets the reason', async () => {
  const userId = profile.person();
  profile.auth.lastAdmin = userId;
  const refused = await erase(userId);
  expect([refused.status, refused.body.detail]).toEqual([
    409,
    'The shop must keep at least one administrator.',
  ]);
  expect(await requestsSent(userId)).toBe(0);
  expect((await profile.send(userId, 'GET', '')).status).toBe(200);
  profile.auth.lastAdmin = undefined;
  expect((await erase(userId)).status).toBe(202);
});

test('nobody is erased while auth does not say whether they may be', async () => {
  const userId = profile.person();
  await profile.send(userId, 'GET', '');
  profile.auth.away = true;
  try {
    const refused = await erase(userId);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  } finally {
    profile.auth.away = false;
  }
  expect(await requestsSent(userId)).toBe(0);
});

test('an answer that comes twice, to another erasure or of another person counts for nothing', async () => {
  const userId = profile.person();
  const { id } = (await erase(userId)).body;
  await answer(erased.order, userId, randomIds.next());
  await answer(erased.notification, profile.person(), id);
  await answer(erased.auth, userId, id);
  await answer(erased.auth, userId, id);
  await answer(erased.payment, userId, id);
  await eventually(async () => (await answered(userId)).includes('payment'));
  await eventually(async () => {
    const { rows } = await profile.service.database.query({ text: 'select from delivery' });
    return rows.length === 0;
  });
  expect(await answered(userId)).toEqual(['auth', 'payment']);
});

test('a registration that is heard late does not bring a person back', async () => {
  const userId = profile.person();
  const { id } = (await erase(userId)).body;
  await Promise.all(Object.values(erased).map((event) => answer(event, userId, id)));
  await eventually(async () => (await status(userId)).body.completedAt !== null);
  await profile.deliver('profile.users', userRegistered, { userId });
  await eventually(async () => {
    const { rows } = await profile.service.database.query({ text: 'select from delivery' });
    return rows.length === 0;
  });
  expect((await profile.contact(userId)).status).toBe(404);
  expect((await profile.send(userId, 'GET', '')).status).toBe(404);
});

test('services that do not answer are asked again, ever more seldom, ten times at most', async () => {
  const userId = profile.person();
  await erase(userId);
  const { database } = profile.service;
  const outbox = createOutbox({
    catalog: events,
    source: 'profile',
    clock: systemClock,
    ids: randomIds,
    wake: () => undefined,
  });
  const logger = { warn: () => undefined } as never;
  const repeat = async () => {
    await database.query({
      text: `update erasures set repeat_at = now() where user_id = $1`,
      values: [userId],
    });
    await Promise.all([1, 2].map(() => repeatRequests({ database, outbox, logger })));
  };
  await repeatRequests({ database, outbox, logger });
  expect(await requestsSent(userId)).toBe(1);
  await repeat();
  expect(await requestsSent(userId)).toBe(2);
  const { rows } = await database.query<{ hours: number }>({
    text: `select round(extract(epoch from repeat_at - now()) / 3600)::int as hours from erasures where user_id = $1`,
    values: [userId],
  });
  expect(rows[0]?.hours).toBe(2);
  for (let n = 0; n < 12; n += 1) await repeat();
  expect(await requestsSent(userId)).toBe(10);
});

test('who asked for nothing has no erasure', async () => {
  expect((await status(profile.person())).status).toBe(404);
});

test('that a person was forgotten is itself forgotten after three months', async () => {
  const userId = profile.person();
  await erase(userId);
  const { database } = profile.service;
  const completedFor = (days: number) =>
    database.query({
      text: `update erasures set completed_at = now() - make_interval(days => $2) where user_id = $1`,
      values: [userId, days],
    });
  await completedFor(89);
  await pruneErasures(database);
  expect((await status(userId)).status).toBe(200);
  await completedFor(91);
  await pruneErasures(database);
  expect((await status(userId)).status).toBe(404);
});
