import supertest from 'supertest';
import { createRefreshCookie } from '../http/refresh-cookie';
import { type AuthUnderTest, goodPassword, startAuth } from '../testing/auth-under-test';

let auth: AuthUnderTest;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.service.stop());

const path = '/api/v1/auth/session';
let people = 0;

/** What a browser sends by itself: its cookies, and from where the request comes. */
const ask = async (
  method: 'post' | 'delete',
  address: string,
  { cookie, site = 'same-origin', body }: { cookie?: string; site?: string; body?: object } = {},
) => {
  let request = supertest(auth.service.origin)
    [method](address)
    .set(await auth.service.anonymous())
    .set('sec-fetch-site', site);
  if (cookie !== undefined) request = request.set('cookie', cookie);
  return body ? request.send(body) : request;
};
const cookieOf = (response: supertest.Response): string => response.headers['set-cookie']?.[0] ?? '';
const sent = (setCookie: string): string => setCookie.split(';', 1)[0]!;

const registerInBrowser = async () => {
  const email = `visitor${(people += 1)}@example.com`;
  const body = { email, password: goodPassword, name: 'Ada' };
  return { email, response: await ask('post', `${path}/registrations`, { body }) };
};

test('a browser registers and signs in, and its page never sees the refresh token', async () => {
  const { email, response } = await registerInBrowser();
  expect(response.status).toBe(201);
  const signedIn = await ask('post', path, { body: { email, password: goodPassword } });
  expect(signedIn.status).toBe(200);
  for (const { body } of [response, signedIn]) {
    expect(body.user.email).toBe(email);
    expect(Object.keys(body.tokens).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType']);
  }
  expect(cookieOf(signedIn)).toMatch(
    /^refresh=[\w-]{43}; Max-Age=2592000; Path=\/api\/v1\/auth\/session; HttpOnly; SameSite=Strict$/,
  );
  const token = signedIn.body.tokens.accessToken as string;
  expect((await auth.send('GET', '/api/v1/auth/sessions', { token })).status).toBe(200);
});

test('the cookie is Secure in production, and says so in its name', () => {
  const cookie = createRefreshCookie('production');
  const token = 'a'.repeat(43);
  expect(cookie.set(token)).toMatch(/^__Secure-refresh=a{43}; .*; Secure$/);
  expect(cookie.cleared).toMatch(/^__Secure-refresh=; Max-Age=0; .*; Secure$/);
  expect(cookie.read(`theme=dark; __Secure-refresh=${token}`)).toBe(token);
  expect(cookie.read(`refresh=${token}`)).toBeUndefined();
});

test('the cookie is exchanged for an access token and the next cookie; tabs at once get the same', async () => {
  const cookie = sent(cookieOf((await registerInBrowser()).response));
  const responses = await Promise.all([1, 2, 3].map(() => ask('post', `${path}/refresh`, { cookie })));
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(responses[0]!.body.refreshToken).toBeUndefined();
  const successors = new Set(responses.map((response) => sent(cookieOf(response))));
  expect(successors.size).toBe(1);
  expect(successors).not.toContain(cookie);
  const [successor] = successors;
  expect((await ask('post', `${path}/refresh`, { cookie: successor! })).status).toBe(200);
});

test('signing out ends the session and removes the cookie; again, and without one, it is no error', async () => {
  const cookie = sent(cookieOf((await registerInBrowser()).response));
  const out = await ask('delete', path, { cookie });
  expect(out.status).toBe(204);
  expect(cookieOf(out)).toMatch(/^refresh=; Max-Age=0; Path=\/api\/v1\/auth\/session; HttpOnly/);
  expect((await ask('post', `${path}/refresh`, { cookie })).status).toBe(401);
  expect((await ask('delete', path, { cookie })).status).toBe(204);
  expect((await ask('delete', path)).status).toBe(204);
});

test.each(['cross-site', 'same-site', 'none'])('a request that is %s does nothing', async (site) => {
  const { email, response } = await registerInBrowser();
  const cookie = sent(cookieOf(response));
  const refused = [
    await ask('post', `${path}/refresh`, { cookie, site }),
    await ask('delete', path, { cookie, site }),
    await ask('post', path, { site, body: { email, password: goodPassword } }),
    await ask('post', `${path}/registrations`, {
      site,
      body: { email: `x${email}`, password: goodPassword, name: 'Eve' },
    }),
  ];
  for (const { status, body, headers } of refused) {
    expect([status, body.type]).toEqual([403, 'urn:bulkhead:problem:forbidden']);
    expect(headers['set-cookie']).toBeUndefined();
  }
  expect((await ask('post', `${path}/refresh`, { cookie })).status).toBe(200);
});

test.each([undefined, 'refresh=', 'refresh=short', 'theme=dark'])('%s is no session', async (cookie) => {
  const response = await ask('post', `${path}/refresh`, cookie === undefined ? {} : { cookie });
  expect([response.status, response.body.type]).toEqual([401, 'urn:bulkhead:problem:invalid-token']);
  expect(response.headers['set-cookie']).toBeUndefined();
});
