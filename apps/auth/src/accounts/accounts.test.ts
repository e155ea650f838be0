import { erased } from '@bulkhead/contracts/profile/erased';
import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { eventually } from '@bulkhead/testing/eventually';
import { admin, type AuthUnderTest, startAuth } from '../testing/auth-under-test';
import { prune } from '../prune';

let auth: AuthUnderTest;
let adminToken: string;
beforeAll(async () => {
  auth = await startAuth();
  adminToken = await auth.adminToken();
});
afterAll(() => auth.service.stop());

const setRoles = (userId: string, roles: string[], token = adminToken) =>
  auth.send('PUT', `/api/v1/auth/users/${userId}/roles`, { token, body: { roles } });
const contact = (userId: string, service: 'profile' | 'order' = 'profile') =>
  auth.send('GET', `/internal/users/${userId}/contact`, { service });
const adminId = async () =>
  (await auth.send('GET', `/api/v1/auth/users?email=${admin.email}`, { token: adminToken })).body.items[0]
    .id as string;

/** What profile sends when a person asks to be forgotten. */
const requestErasure = async (userId: string, erasureId: string) => {
  auth.erasures.requested.set(userId, erasureId);
  await sendErasure(userId, erasureId);
};
/** What anybody might send. */
const sendErasure = async (userId: string, erasureId: string) => {
  const event = {
    specversion: '1.0',
    id: randomIds.next(),
    source: '/bulkhead/profile',
    type: erasureRequested.type,
    subject: userId,
    time: new Date(systemClock.now()).toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    data: { userId, erasureId },
  };
  await auth.service.database.query({
    text: `insert into delivery (consumer_group, message_id, event_type, body) values ('auth.erasure', $1, $2, $3)`,
    values: [event.id, event.type, JSON.stringify(event)],
  });
};
const erasuresAnswered = async (userId: string) =>
  (await auth.eventsOf(userId)).filter((type) => type === erased.auth.type).length;

test('an admin finds accounts by the beginning of their address, page by page', async () => {
  for (let n = 0; n < 5; n += 1) await auth.register(`paged${n}@example.com`);
  const found: string[] = [];
  let path: string | null = '/api/v1/auth/users?email=PAGED&limit=2';
  for (let pages = 0; path !== null && pages < 10; pages += 1) {
    const { body } = await auth.send('GET', path, { token: adminToken });
    expect(body.items.length).toBeLessThanOrEqual(2);
    found.push(...body.items.map(({ email }: { email: string }) => email));
    path = body.next;
    expect(body.nextCursor).toBe(body.next && new URL(body.next, 'http://shop').searchParams.get('cursor'));
  }
  expect(found).toEqual([0, 1, 2, 3, 4].map((n) => `paged${n}@example.com`));
});

test('a percent sign is not a wildcard', async () => {
  const { body } = await auth.send('GET', '/api/v1/auth/users?email=%25', { token: adminToken });
  expect(body.items).toEqual([]);
});

test.each(['AAAA', 'not-a-cursor'])('the made-up cursor %s is refused', async (cursor) => {
  for (const list of ['users', 'audit'])
    expect(
      (await auth.send('GET', `/api/v1/auth/${list}?cursor=${cursor}`, { token: adminToken })).status,
    ).toBe(422);
});

test('a customer may do nothing of an admin', async () => {
  const { user, tokens } = (await auth.register('curious@example.com')).body;
  const token = tokens.accessToken;
  expect((await auth.send('GET', '/api/v1/auth/users', { token })).status).toBe(403);
  expect((await auth.send('GET', '/api/v1/auth/audit', { token })).status).toBe(403);
  expect((await setRoles(user.id, ['admin'], token)).status).toBe(403);
});

test('an admin makes another, and it is in the audit log', async () => {
  const { user } = (await auth.register('promoted@example.com')).body;
  expect((await setRoles(user.id, ['admin', 'customer'])).body.roles).toEqual(['admin', 'customer']);
  const { body } = await auth.send('GET', `/api/v1/auth/audit?userId=${user.id}`, { token: adminToken });
  expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['roles-changed', 'registered']);
  expect(body.items[0].actorId).toBe(await adminId());
  expect((await setRoles(user.id, ['customer'])).status).toBe(200);
});

test('an unknown account has no roles to set', async () => {
  expect((await setRoles(randomIds.next(), ['customer'])).status).toBe(404);
});

test('profile gets the contact, nobody else', async () => {
  const { user } = (await auth.register('contact@example.com')).body;
  expect((await contact(user.id)).body).toEqual({
    userId: user.id,
    email: 'contact@example.com',
    emailVerified: false,
    name: 'Ada Lovelace',
  });
  expect((await contact(user.id, 'order')).status).toBe(403);
});

test('the name is forgotten a week after profile asked for it', async () => {
  const { user } = (await auth.register('named@example.com')).body;
  const { user: unread } = (await auth.register('unread@example.com')).body;
  await contact(user.id);
  await auth.service.database.query({
    text: `update accounts set name_read_at = name_read_at - interval '8 days' where id = $1`,
    values: [user.id],
  });
  await prune(auth.service.database, 365, new AbortController().signal);
  expect((await contact(user.id)).body.name).toBeNull();
  expect((await contact(unread.id)).body.name).toBe('Ada Lovelace');
});

test('an erasure signs the person out, leaves nothing of them, and is answered', async () => {
  const { user, tokens } = (await auth.register('erased@example.com')).body;
  await auth.send('POST', `/internal/users/${user.id}/tokens`, {
    service: 'notification',
    body: { purpose: 'password-reset' },
  });
  const erasureId = randomIds.next();
  await requestErasure(user.id, erasureId);
  await eventually(async () => (await erasuresAnswered(user.id)) === 1);
  expect((await auth.refresh(tokens.refreshToken)).status).toBe(401);
  expect((await auth.login('erased@example.com')).status).toBe(401);
  expect((await contact(user.id)).status).toBe(404);
  const { rows } = await auth.service.database.query<{ row: string }>({
    text: 'select accounts.*::text as row from accounts where id = $1',
    values: [user.id],
  });
  expect(rows[0]?.row).not.toMatch(/example\.com|Lovelace|argon2/);
  const left = await auth.service.database.query({
    text: `select account_id from sessions where account_id = $1
      union all select account_id from one_time_tokens where account_id = $1`,
    values: [user.id],
  });
  expect(left.rows).toEqual([]);
  expect((await auth.register('erased@example.com')).status).toBe(201);
});

test('an erasure that is asked for twice, or of nobody, is answered all the same', async () => {
  const { user } = (await auth.register('erased-twice@example.com')).body;
  const erasureId = randomIds.next();
  await requestErasure(user.id, erasureId);
  await requestErasure(user.id, erasureId);
  await eventually(async () => (await erasuresAnswered(user.id)) === 2);
  const nobody = randomIds.next();
  await requestErasure(nobody, randomIds.next());
  await eventually(async () => (await erasuresAnswered(nobody)) === 1);
});

test('an erasure that profile knows nothing of erases nobody, and is a dead letter', async () => {
  const { user } = (await auth.register('kept@example.com')).body;
  const another = (await auth.register('kept-too@example.com')).body.user;
  auth.erasures.requested.set(another.id, randomIds.next());
  await sendErasure(user.id, randomIds.next());
  await sendErasure(another.id, randomIds.next());
  const reasons = await eventually(async () => {
    const { rows } = await auth.service.database.query<{ reason: string }>({
      text: `select reason from dead_letter where consumer_group = 'auth.erasure'`,
    });
    expect(rows).toHaveLength(2);
    return rows.map(({ reason }) => reason);
  });
  expect(new Set(reasons)).toEqual(
    new Set(['not-requested: profile knows of no such erasure; nothing was erased']),
  );
  expect((await auth.login('kept@example.com')).status).toBe(200);
  expect((await auth.login('kept-too@example.com')).status).toBe(200);
  expect(await auth.service.metrics()).toMatch(
    /messaging_dead_letters_total\{group="auth\.erasure"[^}]*\} 2/,
  );
});

test('while profile is unavailable nobody is erased, and once it is back they are', async () => {
  const { user } = (await auth.register('erased-later@example.com')).body;
  auth.erasures.unavailable = true;
  await requestErasure(user.id, randomIds.next());
  await eventually(async () =>
    expect(await auth.service.metrics()).toMatch(
      /messaging_consumer_paused\{group="auth\.erasure",dependency="profile"[^}]*\} 1/,
    ),
  );
  expect((await auth.login('erased-later@example.com')).status).toBe(200);
  auth.erasures.unavailable = false;
  await eventually(async () => (await erasuresAnswered(user.id)) === 1);
  expect((await auth.login('erased-later@example.com')).status).toBe(401);
  expect(await auth.service.metrics()).toMatch(/messaging_retries_total\{group="auth\.erasure"[^}]*\} 0/);
});

test('an export holds the account, its sessions and its security events', async () => {
  const { user } = (await auth.register('export@example.com')).body;
  const { body } = await auth.send('GET', `/internal/users/${user.id}/export`, { service: 'profile' });
  expect(body.items.map(({ type }: { type: string }) => type)).toEqual([
    'account',
    'session',
    'security-event',
  ]);
  expect(JSON.stringify(body)).not.toContain('argon2');
  const nobody = await auth.send('GET', `/internal/users/${randomIds.next()}/export`, { service: 'profile' });
  expect(nobody.body).toEqual({ items: [] });
});

test('what is void is pruned, and nothing else', async () => {
  const { user, tokens } = (await auth.register('pruned@example.com')).body;
  const { database } = auth.service;
  const other = (await auth.login('pruned@example.com')).body.tokens;
  await auth.refresh(other.refreshToken);
  await auth.login('pruned@example.com', 'not the password');
  await database.query({
    text: `update sessions set revoked_at = now() - interval '2 days' where account_id = $1 and id <> (
      select max(id::text)::uuid from sessions where account_id = $1)`,
    values: [user.id],
  });
  await database.query({ text: `update password_attempts set expires_at = now()` });
  await database.query({
    text: `update security_events set at = now() - interval '366 days' where account_id = $1 and kind = 'registered'`,
    values: [user.id],
  });
  await prune(database, 365, new AbortController().signal);
  expect((await auth.refresh(tokens.refreshToken)).status).toBe(401);
  const counts = await database.query({
    text: `select (select count(*)::int from sessions where account_id = $1) as sessions,
      (select count(*)::int from password_attempts) as attempts,
      (select count(*)::int from refresh_tokens join sessions on sessions.id = session_id where account_id = $1) as tokens,
      (select array_agg(kind order by id) from security_events where account_id = $1) as events`,
    values: [user.id],
  });
  expect(counts.rows[0]).toEqual({
    sessions: 1,
    attempts: 0,
    tokens: 2,
    events: ['signed-in', 'sign-in-failed'],
  });
});
