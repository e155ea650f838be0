import { type AuthUnderTest, goodPassword, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

test('a person registers and is signed in at once', async () => {
  const registered = await auth.register('Ada@Example.com ');
  expect(registered.status).toBe(201);
  expect(registered.body.user).toMatchObject({
    email: 'ada@example.com',
    emailVerified: false,
    roles: ['customer'],
  });
  const sessions = await auth.send('GET', '/api/v1/auth/sessions', {
    token: registered.body.tokens.accessToken,
  });
  expect(sessions.status).toBe(200);
  expect(sessions.body.items).toEqual([expect.objectContaining({ current: true })]);
});

test('registration publishes an event without name or address', async () => {
  const { body } = await auth.register('told@example.com');
  expect(await auth.eventsOf(body.user.id)).toEqual([
    'user.registered.v1',
    'user.email-verification-requested.v1',
  ]);
  const { rows } = await auth.service.database.query<{ payload: string }>({
    text: 'select payload::text from outbox where subject = $1',
    values: [body.user.id],
  });
  expect(JSON.stringify(rows)).not.toMatch(/example\.com|Lovelace/);
});

test('an address is taken whatever its capitals and however its characters are composed', async () => {
  expect((await auth.register('zo\u00eb@example.com')).status).toBe(201);
  const again = await auth.register('ZOE\u0308@Example.COM');
  expect(again.status).toBe(409);
  expect(again.body.type).toBe('urn:bulkhead:problem:already-exists');
});

test('of many registrations of one address at once, one succeeds', async () => {
  const responses = await Promise.all(Array.from({ length: 12 }, () => auth.register('race@example.com')));
  expect(responses.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(11).fill(409)]);
  const { rows } = await auth.service.database.query({
    text: `select from outbox join accounts on subject = accounts.id::text
      where email = 'race@example.com' and type = 'user.registered.v1'`,
  });
  expect(rows).toHaveLength(1);
});

test.each([
  ['email', { email: 'nobody', password: goodPassword, name: 'A' }],
  ['email', { email: 'a..b@x.example', password: goodPassword, name: 'A' }],
  ['email', { email: 'a@b.example\r\nbcc:c@d.example', password: goodPassword, name: 'A' }],
  ['password', { email: 'a@b.example', password: 'short', name: 'A' }],
  ['password', { email: 'a@b.example', password: 'x'.repeat(129), name: 'A' }],
  ['password', { email: 'a@b.example', password: 'Password123', name: 'A' }],
  ['name', { email: 'a@b.example', password: goodPassword, name: 'A\u0000' }],
  ['roles', { email: 'a@b.example', password: goodPassword, name: 'A', roles: ['admin'] }],
])('a bad %s is refused with a pointer to it', async (member, body) => {
  const { status, body: problem } = await auth.send('POST', '/api/v1/auth/register', { body });
  expect(status).toBe(422);
  expect(problem.errors).toEqual([expect.objectContaining({ pointer: `/body/${member}` })]);
});

test('the longest password that is allowed works, in characters of four bytes', async () => {
  const password = '🔑'.repeat(128);
  expect((await auth.register('long@example.com', password)).status).toBe(201);
  expect((await auth.login('long@example.com', password)).status).toBe(200);
});

test('a password is stored as argon2id with 19 MiB and 2 passes', async () => {
  const { body } = await auth.register('hashed@example.com');
  const { rows } = await auth.service.database.query({
    text: 'select password_hash from accounts where id = $1',
    values: [body.user.id],
  });
  expect(rows[0]?.['password_hash']).toMatch(
    /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
});
