import { eventually } from '@bulkhead/testing/eventually';
import { type AuthUnderTest, goodPassword, startAuth } from '../testing/auth-under-test';
import { cheapHash } from '../testing/cheap-hash';

/** Default settings: 5 free attempts on an account, 50 from an address. */
let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

const newPassword = 'another good password';
const statuses = (responses: { status: number }[]) => responses.map(({ status }) => status);
const all = (count: number, status: number) => Array<number>(count).fill(status);

/** Sends requests while their counters are held, so that all of them stand in line before the first is counted. */
const lineUp = async <T>(send: () => Promise<T[]>): Promise<T[]> => {
  const { database } = auth.service;
  let responses: Promise<T[]> | undefined;
  await database.transaction(async (tx) => {
    await tx.query({ text: 'select from password_attempts for update' });
    responses = send();
    await eventually(async () => {
      // A transaction sees who waits as it was when it first looked.
      await tx.query({ text: 'select pg_stat_clear_snapshot()' });
      const { rows } = await tx.query<{ waiting: number }>({
        text: `select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      });
      return rows[0]!.waiting >= 8;
    });
  });
  return responses!;
};

test('fifty people of one address sign in at one moment', async () => {
  await auth.service.database.query({
    text: `insert into accounts (id, email, password_hash)
      select gen_random_uuid(), 'colleague' || n || '@example.com', $1 from generate_series(0, 49) as n`,
    values: [cheapHash(goodPassword)],
  });
  const people = Array.from({ length: 50 }, (_, n) => `colleague${n}@example.com`);
  const from = '203.0.113.50';
  await auth.login(people[0]!, undefined, { from });
  const responses = await lineUp(() =>
    Promise.all(people.map((email) => auth.login(email, undefined, { from }))),
  );
  expect(statuses(responses)).toEqual(all(50, 200));
});

test('one person signs in on two devices at one moment', async () => {
  await auth.register('two@example.com');
  for (let round = 0; round < 10; round += 1)
    expect(
      statuses(await Promise.all([auth.login('two@example.com'), auth.login('two@example.com')])),
    ).toEqual([200, 200]);
});

test('people of one address change their passwords at one moment', async () => {
  const from = '203.0.113.51';
  const people = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => (await auth.register(`changer${n}@example.com`)).body),
  );
  await auth.login(people[0].user.email, undefined, { from });
  const responses = await lineUp(() =>
    Promise.all(
      people.map(({ tokens }) =>
        auth.send('POST', '/api/v1/auth/password/change', {
          token: tokens.accessToken,
          from,
          body: { currentPassword: goodPassword, newPassword },
        }),
      ),
    ),
  );
  expect(statuses(responses)).toEqual(all(8, 204));
});

test('a throttled client gets the waiting time, without an audit entry', async () => {
  await auth.register('hasty@example.com');
  for (let n = 0; n < 5; n += 1) await auth.login('hasty@example.com', 'not the password');
  const { status, headers, body } = await auth.login('hasty@example.com');
  expect([status, headers.get('retry-after')]).toEqual([429, '1']);
  expect(body.detail).toBe('Too many sign-in attempts. Try again in 1 second.');
});
