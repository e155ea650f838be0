import { eventually } from '@bulkhead/testing/eventually';
import { type AuthUnderTest, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

const mint = async (userId: string, purpose: string) =>
  (
    await auth.send('POST', `/internal/users/${userId}/tokens`, {
      service: 'notification',
      body: { purpose },
    })
  ).body.token as string;
const verify = (token: string) => auth.send('POST', '/api/v1/auth/email/verify', { body: { token } });
const reset = (token: string, newPassword = 'another good password') =>
  auth.send('POST', '/api/v1/auth/password/reset', { body: { token, newPassword } });
const askForReset = (email: string) =>
  auth.send('POST', '/api/v1/auth/password/reset-requests', { body: { email } });
const resetsAsked = async (userId: string) =>
  (await auth.eventsOf(userId)).filter((type) => type === 'user.password-reset-requested.v1').length;

test('the token of the mail verifies the address, once', async () => {
  const { user } = (await auth.register('verify@example.com')).body;
  const token = await mint(user.id, 'email-verification');
  expect((await verify(token)).status).toBe(204);
  expect((await verify(token)).status).toBe(410);
  expect((await auth.login('verify@example.com')).body.user.emailVerified).toBe(true);
});

test('a token is good for its purpose only, and until it expires', async () => {
  const { user } = (await auth.register('purpose@example.com')).body;
  const token = await mint(user.id, 'email-verification');
  expect((await reset(token)).status).toBe(410);
  await auth.service.database.query({
    text: `update one_time_tokens set expires_at = now() where account_id = $1`,
    values: [user.id],
  });
  expect((await verify(token)).status).toBe(410);
});

test('the verification mail can be had again, but not every second', async () => {
  const { user, tokens } = (await auth.register('again@example.com')).body;
  const ask = () =>
    auth.send('POST', '/api/v1/auth/email/verification-requests', { token: tokens.accessToken });
  const early = await ask();
  expect(early.status).toBe(429);
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(50);
  await auth.service.database.query({
    text: `update accounts set verification_mail_at = now() - interval '61 seconds' where id = $1`,
    values: [user.id],
  });
  const responses = await Promise.all([ask(), ask(), ask()]);
  expect(responses.map(({ status }) => status).sort()).toEqual([202, 429, 429]);
  expect(
    (await auth.eventsOf(user.id)).filter((type) => type === 'user.email-verification-requested.v1'),
  ).toHaveLength(2);
});

test('asking for a password reset is answered alike for known and unknown addresses', async () => {
  const { user } = (await auth.register('forgetful@example.com')).body;
  const known = await askForReset('Forgetful@example.com');
  const unknown = await askForReset('stranger@example.com');
  expect([known.status, unknown.status]).toEqual([202, 202]);
  expect(known.body).toEqual(unknown.body);
  await eventually(async () => (await resetsAsked(user.id)) === 1);
  await eventually(async () => {
    const { rows } = await auth.service.database.query({ text: 'select from password_reset_requests' });
    return rows.length === 0;
  });
});

test('asked many times for a reset, one mail is sent a minute', async () => {
  const { user } = (await auth.register('pestered@example.com')).body;
  await askForReset('pestered@example.com');
  await eventually(async () => (await resetsAsked(user.id)) === 1);
  await Promise.all(Array.from({ length: 10 }, () => askForReset('pestered@example.com')));
  await eventually(async () => {
    const { rows } = await auth.service.database.query({ text: 'select from password_reset_requests' });
    return rows.length === 0;
  });
  expect(await resetsAsked(user.id)).toBe(1);
});

test('a reset sets the password, ends all sessions, and counts as proof of the address', async () => {
  const { user, tokens } = (await auth.register('reset@example.com')).body;
  const token = await mint(user.id, 'password-reset');
  expect((await reset(token)).status).toBe(204);
  expect((await auth.refresh(tokens.refreshToken)).status).toBe(401);
  const signedIn = await auth.login('reset@example.com', 'another good password');
  expect(signedIn.body.user.emailVerified).toBe(true);
  expect(await auth.eventsOf(user.id)).toContain('user.password-changed.v1');
});

test('of several uses of one reset token at once, one succeeds', async () => {
  const { user } = (await auth.register('once@example.com')).body;
  const token = await mint(user.id, 'password-reset');
  const passwords = ['first good password', 'second good password', 'third good password'];
  const responses = await Promise.all(passwords.map((password) => reset(token, password)));
  expect(responses.map(({ status }) => status).sort()).toEqual([204, 410, 410]);
  const winner = passwords[responses.findIndex(({ status }) => status === 204)];
  expect((await auth.login('once@example.com', winner)).status).toBe(200);
});

test('a second mail leaves the first token good; using one voids the other', async () => {
  const { user } = (await auth.register('twice@example.com')).body;
  const first = await mint(user.id, 'password-reset');
  const second = await mint(user.id, 'password-reset');
  expect((await reset(first)).status).toBe(204);
  expect((await reset(second)).status).toBe(410);
});

test('an account has five tokens of a purpose at most', async () => {
  const { user } = (await auth.register('five@example.com')).body;
  for (let n = 0; n < 8; n += 1) await mint(user.id, 'email-verification');
  const { rows } = await auth.service.database.query({
    text: 'select from one_time_tokens where account_id = $1',
    values: [user.id],
  });
  expect(rows).toHaveLength(5);
});

test('a common password is refused at a reset, and the token stays good', async () => {
  const { user } = (await auth.register('common@example.com')).body;
  const token = await mint(user.id, 'password-reset');
  expect((await reset(token, 'password123')).status).toBe(422);
  expect((await reset(token)).status).toBe(204);
});

test('a user with an address from when dots were unrestricted can sign in, and gets the mail to reset the password', async () => {
  const { user } = (await auth.register('before@example.com')).body;
  await auth.service.database.query({
    text: `update accounts set email = 'be..fore.@example.com' where id = $1`,
    values: [user.id],
  });
  expect((await auth.register('be..fore.@example.com')).status).toBe(422);
  expect((await auth.login('Be..fore.@example.com')).body.user.email).toBe('be..fore.@example.com');
  expect((await askForReset('be..fore.@example.com')).status).toBe(202);
  await eventually(async () => (await resetsAsked(user.id)) === 1);
});
