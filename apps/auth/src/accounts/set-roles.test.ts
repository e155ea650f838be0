import { type AuthUnderTest, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
beforeAll(async () => {
  // Without the configured admin, which the service would make one again in the middle of a test.
  auth = await startAuth({ config: { AUTH_ADMIN_EMAIL: '', AUTH_ADMIN_PASSWORD: '' } });
});
afterAll(() => auth.service.stop());

const rounds = 15;

/** Registers two people, makes admins of them, and signs them in. */
const twoAdmins = async () => {
  const ids: string[] = [];
  for (const email of ['first@example.com', 'second@example.com'])
    ids.push((await auth.register(email)).body.user.id);
  const makeAdmins = () =>
    auth.service.database.query({ text: `update accounts set roles = array['admin', 'customer']` });
  await makeAdmins();
  const [first, second] = await Promise.all(
    ['first@example.com', 'second@example.com'].map(async (email, n) => ({
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
    const answers = await Promise.all([demote(first, second), demote(second, first)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const winner = answers[0].status === 200 ? first : second;
    expect((await demote(winner, winner)).status).toBe(409);
  }
});
