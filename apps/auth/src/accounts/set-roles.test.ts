import { type AuthUnderTest, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
beforeAll(async () => {
  // Without the configured admin, which the service would make one again in the middle of a test.
  auth = await startAuth({ config: { AUTH_ADMIN_EMAIL: '', AUTH_ADMIN_PASSWORD: '' } });
});
afterAll(() => auth.service.stop());

const rounds = 15;

let pair = 0;
/** Registers two people, makes admins of them and of nobody else, and signs them in. */
const twoAdmins = async () => {
  pair += 1;
  const emails = [`first${pair}@example.com`, `second${pair}@example.com`];
  const ids: string[] = [];
  for (const email of emails) ids.push((await auth.register(email)).body.user.id);
  const makeAdmins = () =>
    auth.service.database.query({
      text: `update accounts set roles =
        case when id = any ($1::uuid[]) then array['admin', 'customer'] else array['customer'] end`,
      values: [ids],
    });
  await makeAdmins();
  const [first, second] = await Promise.all(
    emails.map(async (email, n) => ({
      id: ids[n]!,
      token: (await auth.login(email)).body.tokens.accessToken as string,
    })),
  );
  return { first: first!, second: second!, makeAdmins };
};

test('the last admin stays one, even when two admins demote each other at once', async () => {
  const { first, second, makeAdmins } = await twoAdmins();
  const demote = (by: { token: string }, whom: { id: string }) =>
    auth.send('PUT', `/api/v1/auth/users/${whom.id}/roles`, {
      token: by.token,
      body: { roles: ['customer'] },
    });
  for (let round = 0; round < rounds; round += 1) {
    await makeAdmins();
    const responses = await Promise.all([demote(first, second), demote(second, first)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 403]);
    const winner = responses[0].status === 200 ? first : second;
    expect((await demote(winner, winner)).status).toBe(409);
  }
});

test('of two admins who leave at once one stays, and nobody else is held', async () => {
  const { first, second, makeAdmins } = await twoAdmins();
  const leave = ({ id }: { id: string }) =>
    auth.send('POST', `/internal/users/${id}/resignation`, { service: 'profile' });
  for (let round = 0; round < rounds; round += 1) {
    await makeAdmins();
    const responses = await Promise.all([leave(first), leave(second)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([204, 409]);
    const stays = responses[0].status === 409 ? first : second;
    const left = stays === first ? second : first;
    expect((await leave(stays)).body.detail).toBe(
      'The shop must keep at least one administrator. Grant the role to another account first.',
    );
    expect((await leave(left)).status).toBe(204);
  }
});

test('an admin who leaves while another is demoted is not the last', async () => {
  const { first, second, makeAdmins } = await twoAdmins();
  for (let round = 0; round < rounds; round += 1) {
    await makeAdmins();
    await Promise.all([
      auth.send('POST', `/internal/users/${first.id}/resignation`, { service: 'profile' }),
      auth.send('PUT', `/api/v1/auth/users/${second.id}/roles`, {
        token: first.token,
        body: { roles: ['customer'] },
      }),
    ]);
    const { rows } = await auth.service.database.query({
      text: `select from accounts where 'admin' = any (roles)`,
    });
    expect(rows).toHaveLength(1);
  }
});
