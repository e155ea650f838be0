import { eventually } from '@bulkhead/testing/eventually';
import { type AuthUnderTest, startAuth } from '../testing/auth-under-test';
import { network } from './password-attempts';

let auth: AuthUnderTest;
let replica: AuthUnderTest;
beforeAll(async () => {
  const config = { AUTH_FREE_ATTEMPTS_PER_ACCOUNT: '3', AUTH_FREE_ATTEMPTS_PER_ADDRESS: '6' };
  auth = await startAuth({ config });
  replica = await startAuth({ config, database: auth.service.testDatabase! });
});
afterAll(async () => {
  await replica.service.stop();
  await auth.service.stop();
});

const wrong = 'not the password';
const statuses = (responses: { status: number }[]) => responses.map(({ status }) => status).sort();

/** Lets all waits pass, without forgetting the attempts. */
const letWaitsPass = () =>
  auth.service.database.query({ text: `update password_attempts set blocked_until = now()` });

test('of many wrong passwords at once on two replicas, only the free attempts are looked at', async () => {
  await auth.register('guessed@example.com');
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? auth : replica).login('guessed@example.com', wrong)),
  );
  expect(statuses(responses)).toEqual([401, 401, 401, ...Array<number>(17).fill(429)]);
  const { rows } = await auth.service.database.query({
    text: `select from security_events join accounts on accounts.id = account_id
      where email = 'guessed@example.com' and kind = 'sign-in-failed'`,
  });
  expect(rows).toHaveLength(3);
});

test('the right password waits, too, and then works and clears the account', async () => {
  await auth.register('patient@example.com');
  for (const _ of [1, 2, 3]) await auth.login('patient@example.com', wrong);
  const early = await auth.login('patient@example.com');
  expect(early.status).toBe(429);
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const late = await eventually(async () => {
    const response = await auth.login('patient@example.com');
    return response.status === 200 && response;
  });
  expect(late.body.user.email).toBe('patient@example.com');
  expect((await auth.login('patient@example.com', wrong)).status).toBe(401);
});

test('each further attempt doubles the wait', async () => {
  await auth.register('stubborn@example.com');
  const waits: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    await letWaitsPass();
    await auth.login('stubborn@example.com', wrong);
    const { status, headers } = await auth.login('stubborn@example.com', wrong);
    if (status === 429) waits.push(Number(headers.get('retry-after')));
  }
  // The two first attempts came together; from the third on, each had to wait for its turn.
  expect(waits).toEqual([1, 2, 4, 8, 16, 32]);
});

test('the wait is a quarter of an hour at most, and forgotten after an hour', async () => {
  await auth.register('forever@example.com');
  await auth.login('forever@example.com', wrong);
  await auth.service.database.query({ text: 'update password_attempts set attempts = 2000000000' });
  await auth.login('forever@example.com', wrong);
  const blocked = await auth.login('forever@example.com', wrong);
  expect(Number(blocked.headers.get('retry-after'))).toBe(900);
  await auth.service.database.query({
    text: `update password_attempts set blocked_until = now() - interval '1 hour', expires_at = now()`,
  });
  expect((await auth.login('forever@example.com', wrong)).status).toBe(401);
  expect((await auth.login('forever@example.com', wrong)).status).toBe(401);
});

test('unknown accounts are slowed down like known ones', async () => {
  const responses = await Promise.all(
    Array.from({ length: 6 }, () => auth.login('nobody@example.com', wrong)),
  );
  expect(statuses(responses)).toEqual([401, 401, 401, 429, 429, 429]);
});

test('one address that tries many accounts is slowed down, and locks none of them', async () => {
  const from = '203.0.113.7';
  const responses = await Promise.all(
    Array.from({ length: 10 }, (_, n) => auth.login(`victim${n}@example.com`, wrong, { from })),
  );
  expect(statuses(responses)).toEqual([...Array<number>(6).fill(401), ...Array<number>(4).fill(429)]);
  expect((await auth.login('victim9@example.com', wrong, { from: '203.0.113.8' })).status).toBe(401);
});

test('an address cannot clear its way with a password it knows', async () => {
  const from = '203.0.113.9';
  await auth.register('own@example.com');
  for (let n = 0; n < 5; n += 1) {
    expect((await auth.login(`target${n}@example.com`, wrong, { from })).status).toBe(401);
    expect((await auth.login('own@example.com', undefined, { from })).status).toBe(200);
  }
  expect((await auth.login('target8@example.com', wrong, { from })).status).toBe(401);
  expect((await auth.login('target9@example.com', wrong, { from })).status).toBe(429);
});

test('the mistakes of an address where somebody signs in all the time are forgotten an hour after the first', async () => {
  const from = '203.0.113.10';
  await auth.register('regular@example.com');
  const mistakes = async (count: number) =>
    statuses(
      await Promise.all(
        Array.from({ length: count }, (_, n) => auth.login(`typo${n}-${count}@example.com`, wrong, { from })),
      ),
    );
  const minutesPass = (minutes: number) =>
    auth.service.database.query({
      text: `update password_attempts set expires_at = expires_at - make_interval(mins => $1)`,
      values: [minutes],
    });
  expect(await mistakes(5)).toEqual([401, 401, 401, 401, 401]);
  await minutesPass(58);
  expect((await auth.login('regular@example.com', undefined, { from })).status).toBe(200);
  await minutesPass(3);
  expect(await mistakes(6)).toEqual([401, 401, 401, 401, 401, 401]);
});

test('guessing the current password when changing it counts as guessing', async () => {
  const { tokens } = (await auth.register('thief@example.com')).body;
  const guess = () =>
    auth.send('POST', '/api/v1/auth/password/change', {
      token: tokens.accessToken,
      body: { currentPassword: wrong, newPassword: 'another good password' },
    });
  for (const _ of [1, 2, 3]) expect((await guess()).status).toBe(401);
  expect((await guess()).status).toBe(429);
});

test('neither addresses of people nor of clients are stored with the attempts', async () => {
  await auth.login('nameless@example.com', wrong, { from: '203.0.113.20' });
  const { rows } = await auth.service.database.query({
    text: 'select password_attempts.*::text as row from password_attempts',
  });
  expect(JSON.stringify(rows)).not.toMatch(/example|203\.0/);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1'],
  ['2001:db8:0:1::9', '2001:db8:0:1'],
  ['2001:0DB8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('the client address %s counts as %s', (address, expected) => {
  expect(network(address)).toBe(expected);
});
