import { systemClock } from '@bulkhead/resilience/clock';
import type { Auth } from '../auth';
import { authDatabase } from '../database';
import { createPasswords } from '../passwords/passwords';
import { admin, type AuthUnderTest, goodPassword, startAuth } from '../testing/auth-under-test';
import { login } from './login';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

test('a wrong password and an unknown address are answered alike', async () => {
  await auth.register('known@example.com');
  const wrong = await auth.login('known@example.com', 'not the password');
  const unknown = await auth.login('unknown@example.com', 'not the password');
  expect(wrong.status).toBe(401);
  expect({ ...wrong.body, instance: '' }).toEqual({ ...unknown.body, instance: '' });
  expect(wrong.body.type).toBe('urn:bulkhead:problem:invalid-credentials');
});

test('a password is verified even without an account, so that timing reveals nothing', async () => {
  const passwords = createPasswords({ clock: systemClock, maxConcurrent: 1, maxQueued: 0, maxWaitMs: 100 });
  const verified: (string | undefined)[] = [];
  const parts = {
    database: authDatabase(auth.service.database),
    attempts: { begin: async () => undefined, succeeded: async () => undefined },
    passwords: {
      ...passwords,
      verify: (password: string, hash: string | undefined) => {
        verified.push(hash);
        return passwords.verify(password, hash);
      },
    },
  };
  await expect(
    login(
      parts as unknown as Auth,
      { email: 'nobody@example.com', password: goodPassword },
      { address: undefined, userAgent: undefined },
    ),
  ).rejects.toMatchObject({ slug: 'invalid-credentials' });
  expect(verified).toStrictEqual([undefined]);
});

test('a password longer than any can be is refused before it is hashed, and counts as no attempt', async () => {
  await auth.register('long@example.com');
  for (let times = 0; times < 10; times++) {
    const { status, body } = await auth.login('long@example.com', 'x'.repeat(129));
    expect([status, body.errors[0].pointer]).toEqual([422, '/body/password']);
  }
  expect((await auth.login('long@example.com')).status).toBe(200);
});

test('signing out ends the session, and doing it twice is no error', async () => {
  const { body } = await auth.register('out@example.com');
  const { refreshToken } = body.tokens;
  for (const _ of [1, 2])
    expect((await auth.send('POST', '/api/v1/auth/logout', { body: { refreshToken } })).status).toBe(204);
  expect((await auth.refresh(refreshToken)).status).toBe(401);
});

test('a person sees the own sessions and ends one of them', async () => {
  await auth.register('two@example.com');
  const phone = (await auth.login('two@example.com')).body.tokens;
  const laptop = (await auth.login('two@example.com')).body.tokens;
  const list = await auth.send('GET', '/api/v1/auth/sessions', { token: laptop.accessToken });
  expect(list.body.items).toHaveLength(3);
  const { sid } = JSON.parse(Buffer.from(phone.accessToken.split('.')[1], 'base64url').toString());
  const revoke = () => auth.send('DELETE', `/api/v1/auth/sessions/${sid}`, { token: laptop.accessToken });
  expect((await revoke()).status).toBe(204);
  expect((await revoke()).status).toBe(404);
  expect((await auth.refresh(phone.refreshToken)).status).toBe(401);
  expect((await auth.refresh(laptop.refreshToken)).status).toBe(200);
});

test('a user cannot end another user’s session', async () => {
  const victim = (await auth.register('victim@example.com')).body.tokens;
  const other = (await auth.register('other@example.com')).body.tokens;
  const { sid } = JSON.parse(Buffer.from(victim.accessToken.split('.')[1], 'base64url').toString());
  const response = await auth.send('DELETE', `/api/v1/auth/sessions/${sid}`, { token: other.accessToken });
  expect(response.status).toBe(404);
  expect((await auth.refresh(victim.refreshToken)).status).toBe(200);
});

test('a person has 50 sessions at most; the one unused for longest ends', async () => {
  const first = (await auth.register('many@example.com')).body;
  await auth.service.database.query({
    text: `insert into sessions (id, account_id, expires_at)
      select gen_random_uuid(), $1, now() + interval '1 day' from generate_series(1, 49)`,
    values: [first.user.id],
  });
  const last = (await auth.login('many@example.com')).body.tokens;
  const list = await auth.send('GET', '/api/v1/auth/sessions', { token: last.accessToken });
  expect(list.body.items).toHaveLength(50);
  expect((await auth.refresh(first.tokens.refreshToken)).status).toBe(401);
});

test('changing the password ends the other sessions and keeps this one', async () => {
  const first = (await auth.register('change@example.com')).body;
  const other = (await auth.login('change@example.com')).body.tokens;
  const token = first.tokens.accessToken;
  const change = (currentPassword: string) =>
    auth.send('POST', '/api/v1/auth/password/change', {
      token,
      body: { currentPassword, newPassword: 'another good password' },
    });
  expect((await change('not the password')).status).toBe(401);
  expect((await change(goodPassword)).status).toBe(204);
  expect((await auth.refresh(other.refreshToken)).status).toBe(401);
  expect((await auth.refresh(first.tokens.refreshToken)).status).toBe(200);
  expect((await auth.login('change@example.com')).status).toBe(401);
  expect((await auth.login('change@example.com', 'another good password')).status).toBe(200);
  expect(await auth.eventsOf(first.user.id)).toContain('user.password-changed.v1');
});

test('a sign-in that overlaps a reset of the password leaves no session behind', async () => {
  const { user } = (await auth.register('overlap@example.com')).body;
  const minted = await auth.send('POST', `/internal/users/${user.id}/tokens`, {
    service: 'notification',
    body: { purpose: 'password-reset' },
  });
  const [reset] = await Promise.all([
    auth.send('POST', '/api/v1/auth/password/reset', {
      body: { token: minted.body.token, newPassword: 'another good password' },
    }),
    ...Array.from({ length: 4 }, () => auth.login('overlap@example.com')),
  ]);
  expect(reset.status).toBe(204);
  const { rows } = await auth.service.database.query({
    text: 'select from sessions where account_id = $1 and revoked_at is null',
    values: [user.id],
  });
  expect(rows).toEqual([]);
});

test('the seeded admin can sign in, and has the role', async () => {
  const token = await auth.adminToken();
  const users = await auth.send('GET', `/api/v1/auth/users?email=${admin.email.slice(0, 6)}`, { token });
  expect(users.body.items).toEqual([
    expect.objectContaining({ email: admin.email, roles: ['customer', 'admin'], emailVerified: true }),
  ]);
});
