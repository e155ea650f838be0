import { erasureRequested } from '@bulkhead/contracts/profile/events';
import { randomIds } from '@bulkhead/service/ids';
import { eventually } from '@bulkhead/testing/eventually';
import { type AuthUnderTest, goodPassword, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
let adminToken: string;
beforeAll(async () => {
  auth = await startAuth();
  adminToken = await auth.adminToken();
});
afterAll(() => auth.service.stop());

const post = (path: string, body: unknown, token?: string) =>
  auth.send('POST', `/api/v1/auth/${path}`, { body, ...(token ? { token } : {}) });
const sessionOf = (accessToken: string): string =>
  (JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
const mint = async (userId: string, purpose: string): Promise<string> => {
  const minted = await auth.send('POST', `/internal/users/${userId}/tokens`, {
    service: 'notification',
    body: { purpose },
  });
  return (minted.body as { token: string }).token;
};
/** As the gateway asks before a sensitive operation, and again and again for each open stream. */
const lives = async (accessToken: string): Promise<boolean> => {
  const sessionId = sessionOf(accessToken);
  const { body } = await auth.send('POST', '/internal/sessions/live', {
    service: 'gateway',
    body: { sessionIds: [sessionId] },
  });
  return body.items.length === 1 && body.items[0].sessionId === sessionId;
};

interface Issued {
  readonly userId: string;
  readonly email: string;
  readonly own: { readonly accessToken: string; readonly refreshToken: string };
  readonly other: Issued['own'];
  readonly resetLink: string;
  readonly secondResetLink: string;
  readonly verificationLink: string;
}

/** Everything that can be given out to one person. */
const issueAll = async (): Promise<Issued> => {
  const email = `${randomIds.next()}@example.com`;
  const { user, tokens } = (await auth.register(email)).body;
  return {
    userId: user.id,
    email,
    own: tokens,
    other: (await auth.login(email)).body.tokens,
    resetLink: await mint(user.id, 'password-reset'),
    secondResetLink: await mint(user.id, 'password-reset'),
    verificationLink: await mint(user.id, 'email-verification'),
  };
};

/** What of it is still good. */
const leftOf = async ({ own, other, resetLink, verificationLink }: Issued) => ({
  ownSession: await lives(own.accessToken),
  otherSession: await lives(other.accessToken),
  ownRefreshToken: (await auth.refresh(own.refreshToken)).status === 200,
  otherRefreshToken: (await auth.refresh(other.refreshToken)).status === 200,
  verificationLink: (await post('email/verify', { token: verificationLink })).status === 204,
  resetLink:
    (await post('password/reset', { token: resetLink, newPassword: 'a third good password' })).status === 204,
});

const everything = {
  ownSession: true,
  otherSession: true,
  ownRefreshToken: true,
  otherRefreshToken: true,
  verificationLink: true,
  resetLink: true,
};
const ownEnds = { ownSession: false, ownRefreshToken: false };
const otherEnds = { otherSession: false, otherRefreshToken: false };

const newPassword = 'another good password';
const erase = async ({ userId }: Issued) => {
  const erasureId = randomIds.next();
  auth.erasures.requested.set(userId, erasureId);
  const event = {
    specversion: '1.0',
    id: randomIds.next(),
    source: '/bulkhead/profile',
    type: erasureRequested.type,
    subject: userId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    data: { userId, erasureId },
  };
  await auth.service.database.query({
    text: `insert into delivery (consumer_group, message_id, event_type, body) values ('auth.erasure', $1, $2, $3)`,
    values: [event.id, event.type, JSON.stringify(event)],
  });
  await eventually(async () => (await auth.eventsOf(userId)).includes('auth.user-erased.v1'));
};
const setRoles = ({ userId }: Issued, roles: string[]) =>
  auth.send('PUT', `/api/v1/auth/users/${userId}/roles`, { token: adminToken, body: { roles } });
const tooLate = ({ userId }: Issued) =>
  auth.service.database.query({
    text: `update refresh_tokens set used_at = now() - interval '11 seconds'
      where used_at is not null and session_id in (select id from sessions where account_id = $1)`,
    values: [userId],
  });

test.each<[string, (issued: Issued) => Promise<unknown>, Partial<typeof everything>]>([
  ['nothing at all', async () => undefined, {}],
  ['signing out', ({ own }) => post('logout', { refreshToken: own.refreshToken }), ownEnds],
  [
    'ending another session',
    ({ own, other }) =>
      auth.send('DELETE', `/api/v1/auth/sessions/${sessionOf(other.accessToken)}`, {
        token: own.accessToken,
      }),
    otherEnds,
  ],
  [
    'signing out everywhere',
    ({ own }) => auth.send('DELETE', '/api/v1/auth/sessions', { token: own.accessToken }),
    { ...ownEnds, ...otherEnds, resetLink: false },
  ],
  [
    'changing the password',
    ({ own }) => post('password/change', { currentPassword: goodPassword, newPassword }, own.accessToken),
    { ...otherEnds, resetLink: false },
  ],
  [
    'resetting the password',
    ({ secondResetLink }) => post('password/reset', { token: secondResetLink, newPassword }),
    { ...ownEnds, ...otherEnds, resetLink: false },
  ],
  [
    'using a refresh token that was used before',
    async (issued) => {
      await auth.refresh(issued.own.refreshToken);
      await tooLate(issued);
      await auth.refresh(issued.own.refreshToken);
    },
    ownEnds,
  ],
  [
    'getting a role',
    (issued) => setRoles(issued, ['customer', 'admin']),
    { ...ownEnds, ...otherEnds, resetLink: false },
  ],
  ['being given the roles one has', (issued) => setRoles(issued, ['customer']), {}],
  ['being erased', erase, { ...ownEnds, ...otherEnds, verificationLink: false, resetLink: false }],
])('%s ends what it should, and nothing else', async (_act, perform, ended) => {
  const issued = await issueAll();
  await perform(issued);
  expect(await leftOf(issued)).toEqual({ ...everything, ...ended });
});

test('losing a role ends the sessions that have it', async () => {
  const issued = await issueAll();
  await setRoles(issued, ['customer', 'admin']);
  const { accessToken } = (await auth.login(issued.email)).body.tokens;
  expect(await lives(accessToken)).toBe(true);
  await setRoles(issued, ['customer']);
  expect(await lives(accessToken)).toBe(false);
});

test('of signing out everywhere each session is noted', async () => {
  const { userId, own, other } = await issueAll();
  await auth.send('DELETE', '/api/v1/auth/sessions', { token: own.accessToken });
  const { body } = await auth.send('GET', `/api/v1/auth/audit?userId=${userId}&limit=2`, {
    token: adminToken,
  });
  expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'session-revoked',
    'session-revoked',
  ]);
  expect(new Set(body.items.map(({ sessionId }: { sessionId: string }) => sessionId))).toEqual(
    new Set([own, other].map(({ accessToken }) => sessionOf(accessToken))),
  );
});

test('an act notes itself in the audit log, once', async () => {
  const { userId, own } = await issueAll();
  for (const _ of [1, 2]) await post('logout', { refreshToken: own.refreshToken });
  const { body } = await auth.send('GET', `/api/v1/auth/audit?userId=${userId}`, { token: adminToken });
  expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'signed-out',
    'signed-in',
    'registered',
  ]);
});

test('sessions are distinguished, and returned with the current roles', async () => {
  const { userId, own, other } = await issueAll();
  await post('logout', { refreshToken: other.refreshToken });
  const { body } = await auth.send('POST', '/internal/sessions/live', {
    service: 'gateway',
    body: {
      sessionIds: [other, own].map(({ accessToken }) => sessionOf(accessToken)).concat(randomIds.next()),
    },
  });
  expect(body.items).toEqual([{ sessionId: sessionOf(own.accessToken), userId, roles: ['customer'] }]);
});
