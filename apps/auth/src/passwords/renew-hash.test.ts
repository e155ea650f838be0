import { type AuthUnderTest, goodPassword, startAuth } from '../testing/auth-under-test';
import { cheapHash } from '../testing/cheap-hash';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

const hashOf = async (email: string) => {
  const text = 'select password_hash from accounts where email = $1';
  const { rows } = await auth.service.database.query<{ password_hash: string }>({ text, values: [email] });
  return rows[0]!.password_hash;
};
/** As an account that registered when hashing cost less. */
const outdated = async (email: string) => {
  const text = 'update accounts set password_hash = $2 where email = $1';
  await auth.service.database.query({ text, values: [email, cheapHash(goodPassword)] });
};

test('a hash of another cost stays good, and is renewed at the next sign-in with the right password', async () => {
  const email = 'early@example.com';
  await auth.register(email);
  await outdated(email);
  expect((await auth.login(email, 'not the password')).status).toBe(401);
  expect(await hashOf(email)).toBe(cheapHash(goodPassword));
  expect((await auth.login(email)).status).toBe(200);
  const renewed = await hashOf(email);
  expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect((await auth.login(email)).status).toBe(200);
  expect(await hashOf(email)).toBe(renewed);
});

test('sign-ins at the moment of a renewal succeed', async () => {
  const email = 'two-devices@example.com';
  await auth.register(email);
  for (let round = 0; round < 5; round += 1) {
    await outdated(email);
    const responses = await Promise.all([auth.login(email), auth.login(email), auth.login(email)]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  }
});
