import { developmentSecret } from '../config';
import { type AuthUnderTest, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

let people = 0;
const signIn = async () => {
  const { body } = await auth.register(`person${(people += 1)}@example.com`);
  return { userId: body.user.id as string, refreshToken: body.tokens.refreshToken as string };
};

/** Moves the uses of a person's tokens into the past. */
const letPass = (userId: string, interval: string) =>
  auth.service.database.query({
    text: `update refresh_tokens set used_at = used_at - $2::interval
      where session_id in (select id from sessions where account_id = $1)`,
    values: [userId, interval],
  });
const letGracePass = (userId: string) => letPass(userId, '11 seconds');

test('a refresh token gives new tokens, and its successor does too', async () => {
  const { refreshToken } = await signIn();
  const first = await auth.refresh(refreshToken);
  expect(first.status).toBe(200);
  expect(first.body.refreshToken).not.toBe(refreshToken);
  const second = await auth.refresh(first.body.refreshToken);
  expect(second.status).toBe(200);
  const sessions = await auth.send('GET', '/api/v1/auth/sessions', { token: second.body.accessToken });
  expect(sessions.status).toBe(200);
});

test('fifty requests at once with one token get one successor', async () => {
  const { userId, refreshToken } = await signIn();
  const responses = await Promise.all(Array.from({ length: 50 }, () => auth.refresh(refreshToken)));
  expect(responses.map(({ status }) => status)).toEqual(Array<number>(50).fill(200));
  expect(new Set(responses.map(({ body }) => body.refreshToken)).size).toBe(1);
  const { rows } = await auth.service.database.query<{ unused: number }>({
    text: `select count(*)::int as unused from refresh_tokens join sessions on sessions.id = session_id
      where account_id = $1 and used_at is null`,
    values: [userId],
  });
  expect(rows[0]?.unused).toBe(1);
});

test('a tab that comes seconds after the other gets the same successor', async () => {
  const { userId, refreshToken } = await signIn();
  const successor = (await auth.refresh(refreshToken)).body.refreshToken;
  await letPass(userId, '5 seconds');
  const late = await auth.refresh(refreshToken);
  expect([late.status, late.body.refreshToken]).toEqual([200, successor]);
});

test('a session that was signed out gives nothing more, to a tab that is a moment late either', async () => {
  const { refreshToken } = await signIn();
  const successor = (await auth.refresh(refreshToken)).body.refreshToken;
  await auth.send('POST', '/api/v1/auth/logout', { body: { refreshToken: successor } });
  for (const token of [refreshToken, successor]) expect((await auth.refresh(token)).status).toBe(401);
});

test('a session ends half a year after it began, however often it is refreshed', async () => {
  const { userId, refreshToken } = await signIn();
  await auth.service.database.query({
    text: `update sessions set created_at = now() - interval '179 days 23 hours' where account_id = $1`,
    values: [userId],
  });
  expect((await auth.refresh(refreshToken)).status).toBe(200);
  const { rows } = await auth.service.database.query({
    text: `select token.expires_at = session.created_at + interval '180 days' as token,
        session.expires_at = session.created_at + interval '180 days' as session
      from refresh_tokens as token join sessions as session on session.id = session_id
      where account_id = $1 and used_at is null`,
    values: [userId],
  });
  expect(rows).toEqual([{ token: true, session: true }]);
});

test('where the secret was changed, a used token gives no successor that nobody stored', async () => {
  const { refreshToken } = await signIn();
  const successor = (await auth.refresh(refreshToken)).body.refreshToken;
  const config = { AUTH_KEY_ENCRYPTION_SECRET: 'another secret of these tests, as long' };
  const changed = await startAuth({ config, database: auth.service.testDatabase! });
  try {
    expect((await changed.refresh(refreshToken)).status).toBe(401);
    expect((await changed.refresh(successor)).status).toBe(200);
  } finally {
    await changed.service.stop();
  }
});

test('while the secret is rotated, a used token gives the successor that was stored, whichever secret made it', async () => {
  const young = 'another secret of these tests, as long';
  const both = { AUTH_KEY_ENCRYPTION_SECRET: `${young}\n${developmentSecret}` };
  const changed = await startAuth({ config: both, database: auth.service.testDatabase! });
  try {
    const { refreshToken } = await signIn();
    const first = (await auth.refresh(refreshToken)).body.refreshToken;
    expect((await changed.refresh(refreshToken)).body.refreshToken).toBe(first);
    const second = (await changed.refresh(first)).body.refreshToken;
    expect((await changed.refresh(first)).body.refreshToken).toBe(second);
  } finally {
    await changed.service.stop();
  }
});

test('a token used again after ten seconds ends the session, for its successors too', async () => {
  const { userId, refreshToken } = await signIn();
  const successor = (await auth.refresh(refreshToken)).body.refreshToken;
  await letGracePass(userId);
  const responses = await Promise.all(Array.from({ length: 20 }, () => auth.refresh(refreshToken)));
  expect(responses.map(({ status }) => status)).toEqual(Array<number>(20).fill(401));
  const afterwards = await auth.refresh(successor);
  expect(afterwards.status).toBe(401);
  expect(afterwards.body.type).toBe('urn:bulkhead:problem:invalid-token');
  const { rows } = await auth.service.database.query({
    text: `select from security_events where account_id = $1 and kind = 'refresh-token-reused'`,
    values: [userId],
  });
  expect(rows).toHaveLength(1);
});

test('a session that was ended stays ended after a restart', async () => {
  const { userId, refreshToken } = await signIn();
  const successor = (await auth.refresh(refreshToken)).body.refreshToken;
  await letGracePass(userId);
  await auth.refresh(refreshToken);
  const restarted = await startAuth({ database: auth.service.testDatabase! });
  try {
    expect((await restarted.refresh(successor)).status).toBe(401);
  } finally {
    await restarted.service.stop();
  }
});

test('another replica gives the same successor', async () => {
  const { refreshToken } = await signIn();
  const other = await startAuth({ database: auth.service.testDatabase! });
  try {
    const [here, there] = await Promise.all([auth.refresh(refreshToken), other.refresh(refreshToken)]);
    expect([here.status, there.status]).toEqual([200, 200]);
    expect(here.body.refreshToken).toBe(there.body.refreshToken);
  } finally {
    await other.service.stop();
  }
});

test('an expired refresh token is refused', async () => {
  const { userId, refreshToken } = await signIn();
  await auth.service.database.query({
    text: `update refresh_tokens set expires_at = now() - interval '1 second'
      where session_id in (select id from sessions where account_id = $1)`,
    values: [userId],
  });
  expect((await auth.refresh(refreshToken)).status).toBe(401);
});

test('an unknown refresh token is refused', async () => {
  expect((await auth.refresh('A'.repeat(43))).status).toBe(401);
});

test('refresh tokens are not stored in clear', async () => {
  const { userId, refreshToken } = await signIn();
  const successor = (await auth.refresh(refreshToken)).body.refreshToken as string;
  const { rows } = await auth.service.database.query({
    text: `select refresh_tokens.*::text as row from refresh_tokens join sessions on sessions.id = session_id where account_id = $1`,
    values: [userId],
  });
  const stored = JSON.stringify(rows);
  for (const token of [refreshToken, successor]) {
    expect(stored).not.toContain(token);
    for (const encoding of ['base64url', 'utf8'] as const)
      expect(stored).not.toContain(Buffer.from(token, encoding).toString('hex'));
  }
});

test('refreshing takes over roles that have changed', async () => {
  const { userId, refreshToken } = await signIn();
  await auth.service.database.query({
    text: `update accounts set roles = array['customer', 'admin'] where id = $1`,
    values: [userId],
  });
  const token = (await auth.refresh(refreshToken)).body.accessToken;
  expect((await auth.send('GET', '/api/v1/auth/users', { token })).status).toBe(200);
});
