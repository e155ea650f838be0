import { userRegistered } from '@bulkhead/contracts/auth/events';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { eventually } from '@bulkhead/testing/eventually';
import { type ProfileUnderTest, startProfile } from '../testing/profile-under-test';

let profile: ProfileUnderTest;
beforeAll(async () => {
  profile = await startProfile();
});
afterAll(() => profile.stop());

const register = (userId: string) => profile.deliver('profile.users', userRegistered, { userId });

test('who registers has a profile, with the name they gave', async () => {
  const userId = profile.person('Grace Hopper');
  await register(userId);
  const contact = await eventually(async () => {
    const response = await profile.contact(userId);
    return response.status === 200 && response;
  });
  expect(contact.body).toEqual({
    userId,
    name: 'Grace Hopper',
    email: `${userId}@example.com`,
    locale: 'en',
    orderMail: true,
  });
});

test('nobody has to wait for the event to see their profile', async () => {
  const userId = profile.person();
  const responses = await Promise.all([1, 2, 3, 4].map(() => profile.send(userId, 'GET', '')));
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(responses[0]?.body).toMatchObject({
    id: userId,
    name: 'Ada Lovelace',
    preferences: { orderMail: true },
  });
  expect(responses[0]?.headers.get('etag')).toBe('"1"');
});

test('a profile that is known needs no auth', async () => {
  const userId = profile.person();
  await profile.send(userId, 'GET', '');
  const { asked } = profile.auth;
  expect((await profile.send(userId, 'GET', '')).status).toBe(200);
  expect(profile.auth.asked).toBe(asked);
});

test('a registration heard while auth is away waits for it, and counts no attempts', async () => {
  const userId = profile.person();
  profile.auth.away = true;
  try {
    const { asked } = profile.auth;
    await register(userId);
    await eventually(() => profile.auth.asked > asked);
    const unknown = await profile.send(profile.person(), 'GET', '');
    expect(unknown.status).toBe(503);
    expect(unknown.headers.get('retry-after')).toBeTruthy();
  } finally {
    profile.auth.away = false;
  }
  await eventually(async () => (await profile.contact(userId)).status === 200, { timeoutMs: 18_000 });
});

test('a registration of a user who is already erased creates no profile', async () => {
  const userId = randomIds.next();
  await register(userId);
  await eventually(async () => {
    const { rows } = await profile.service.database.query({
      text: `select from delivery where body like '%' || $1 || '%'`,
      values: [userId],
    });
    return rows.length === 0;
  });
  expect((await profile.contact(userId)).status).toBe(404);
});

test('a merge patch changes what it names, and null goes back to the default', async () => {
  const userId = profile.person();
  const patch = (body: unknown) => profile.send(userId, 'PATCH', '', { body });
  const changed = await patch({ name: 'Ada King', locale: 'de-AT', preferences: { orderMail: false } });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({
    name: 'Ada King',
    locale: 'de-AT',
    preferences: { orderMail: false },
  });
  expect(changed.headers.get('etag')).toBe('"2"');
  const reset = await patch({ locale: null, preferences: null });
  expect(reset.body).toMatchObject({ name: 'Ada King', locale: 'en', preferences: { orderMail: true } });
});

test('a locale is kept in the form that BCP 47 gives it', async () => {
  const changed = await profile.send(profile.person(), 'PATCH', '', { body: { locale: 'zh-hant-tw' } });
  expect([changed.status, changed.body.locale]).toEqual([200, 'zh-Hant-TW']);
});

test('of changes at once that are based on one version, one succeeds', async () => {
  const userId = profile.person();
  const etag = (await profile.send(userId, 'GET', '')).headers.get('etag')!;
  const responses = await Promise.all(
    ['A', 'B', 'C', 'D'].map((name) =>
      profile.send(userId, 'PATCH', '', { body: { name }, headers: { 'if-match': etag } }),
    ),
  );
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
});

test.each([
  ['the version that was read', '"1"', 200],
  ['one of several', '"7", "1"', 200],
  ['whatever there is', '*', 200],
  ['another version', '"2"', 412],
  ['a weak tag, which never matches', 'W/"1"', 412],
  ['a tag that is none of ours', '"x"', 412],
  ['no tag at all', '1', 422],
])('a change based on %s: If-Match %s is answered %i', async (_what, tag, expected) => {
  const userId = profile.person();
  await profile.send(userId, 'GET', '');
  const headers = { 'if-match': tag };
  const { status, body } = await profile.send(userId, 'PATCH', '', { body: { name: 'B' }, headers });
  expect(status).toBe(expected);
  if (expected === 422)
    expect(body.errors).toEqual([
      { pointer: '/headers/if-match', detail: 'must be * or a list of quoted entity tags' },
    ]);
});

test.each([
  [{ email: 'new@example.com' }, '/body/email'],
  [{ name: '' }, '/body/name'],
  [{ name: null }, '/body/name'],
  [{ name: '  ' }, '/body/name'],
  [{ locale: 'german' }, '/body/locale'],
  [{ locale: 'xx-YY' }, '/body/locale'],
  [{ preferences: { orderMail: 'yes' } }, '/body/preferences/orderMail'],
  [{ preferences: { colour: 'red' } }, '/body/preferences/colour'],
])('the patch %j is refused', async (body, pointer) => {
  const { status, body: response } = await profile.send(profile.person(), 'PATCH', '', { body });
  expect(status).toBe(422);
  expect(response.errors[0].pointer).toBe(pointer);
});

test('only notification may ask for the contact', async () => {
  expect((await profile.contact(profile.person(), 'order')).status).toBe(403);
});

test('a change is dated by the database, whatever the clock of the service says', async () => {
  const ahead = await startProfile({ ...systemClock, now: () => systemClock.now() + 3_000 });
  try {
    const userId = ahead.person();
    const address = { recipient: 'Ada', line1: '1 Street', postalCode: '1', city: 'London', country: 'GB' };
    await ahead.send(userId, 'PATCH', '', { body: { locale: 'de' } });
    const { body } = await ahead.send(userId, 'POST', '/addresses', { body: address });
    await ahead.send(userId, 'PUT', `/addresses/${body.id}`, { body: { ...address, city: 'Oxford' } });
    const { rows } = await ahead.service.database.query({
      text: `select updated_at between created_at and now() as dated from profiles
        union all select updated_at between created_at and now() from addresses`,
    });
    expect(rows).toEqual([{ dated: true }, { dated: true }]);
  } finally {
    await ahead.stop();
  }
});
