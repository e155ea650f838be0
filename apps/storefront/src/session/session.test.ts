import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOneLock, createSharedStorage } from '../testing/shared-storage';
import { createRequests } from '../api/request';
import { createSession } from './session';

/** A shop that hands out numbered tokens; what it answers next is up to the test. */
let server: Server;
let asked: string[] = [];
let issued = 0;
let refreshStatus = 200;
let isTokenRefused = false;
const realFetch = globalThis.fetch;

const answer = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const problem = (slug: string) => ({ type: `urn:bulkhead:problem:${slug}`, title: slug });

function respond(request: IncomingMessage, response: ServerResponse): void {
  const { url, method, headers } = request;
  asked.push(`${method} ${url} ${headers.authorization ?? '-'}`);
  request.resume();
  const tokens = () => ({ tokenType: 'Bearer', accessToken: `t${(issued += 1)}`, expiresIn: 600 });
  if (url === '/api/v1/auth/session/refresh')
    return void (refreshStatus === 200
      ? answer(response, 200, tokens())
      : answer(response, refreshStatus, problem(refreshStatus === 401 ? 'invalid-token' : 'unavailable')));
  if (url?.startsWith('/api/v1/auth/session'))
    return void (method === 'DELETE'
      ? response.writeHead(204).end()
      : answer(response, 200, { user: { id: 'ada', email: 'ada@example.com' }, tokens: tokens() }));
  if (isTokenRefused) {
    isTokenRefused = false;
    return void answer(response, 401, problem('unauthenticated'));
  }
  answer(response, 200, { ok: true });
}

beforeAll(async () => {
  server = createServer(respond);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.fetch = (input, init) => realFetch(new URL(input as string, origin), init);
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  issued = 0;
  refreshStatus = 200;
  isTokenRefused = false;
});

/** A browser with any number of tabs, and a clock of its own. */
function createBrowser(items: Readonly<Record<string, string>> = {}) {
  const shared = createSharedStorage(items);
  const locks = createOneLock();
  let time = 0;
  return {
    stored: shared.stored,
    later: (ms: number) => (time += ms),
    openTab: () =>
      createSession({ ...shared.openTab(), requests: createRequests(() => '-'), locks, now: () => time }),
  };
}

test('a token is kept in memory alone, and renewed before it ends', async () => {
  const browser = createBrowser();
  const tab = browser.openTab();
  expect(tab.isSignedIn()).toBe(false);
  await tab.signIn('ada@example.com', 'secret');
  await tab.ask('/api/v1/orders');
  browser.later(575_000);
  await tab.ask('/api/v1/orders');
  expect(asked).toEqual([
    'POST /api/v1/auth/session -',
    'GET /api/v1/orders Bearer t1',
    'POST /api/v1/auth/session/refresh -',
    'GET /api/v1/orders Bearer t2',
  ]);
  expect(JSON.stringify([...browser.stored])).not.toMatch(/t[12]"|secret|@example/);
});

test('requests at once renew the token once, and tabs one after the other', async () => {
  const browser = createBrowser({ 'bulkhead.session': '1' });
  const [one, other] = [browser.openTab(), browser.openTab()];
  await Promise.all([one.token(), one.token(), other.token()]);
  expect(asked).toHaveLength(2);
});

test('a refused token is renewed once', async () => {
  const tab = createBrowser({ 'bulkhead.session': '1' }).openTab();
  await tab.token();
  isTokenRefused = true;
  await tab.ask('/api/v1/orders');
  expect(asked.slice(1)).toEqual([
    'GET /api/v1/orders Bearer t1',
    'POST /api/v1/auth/session/refresh -',
    'GET /api/v1/orders Bearer t2',
  ]);
});

test('a session that the shop has ended is over in every tab; one that could not be asked about goes on', async () => {
  const browser = createBrowser({ 'bulkhead.session': '1' });
  const [one, other] = [browser.openTab(), browser.openTab()];
  refreshStatus = 503;
  await expect(one.token()).rejects.toMatchObject({ slug: 'unavailable' });
  expect([one.isSignedIn(), other.isSignedIn()]).toEqual([true, true]);
  refreshStatus = 401;
  await expect(one.token()).rejects.toMatchObject({ slug: 'invalid-token' });
  expect([one.isSignedIn(), other.isSignedIn()]).toEqual([false, false]);
});

test('a tab forgets its token when somebody signs in or out in another', async () => {
  const browser = createBrowser({ 'bulkhead.session': '1' });
  const [one, other] = [browser.openTab(), browser.openTab()];
  await one.token();
  browser.later(5);
  await other.signIn('eve@example.com', 'secret');
  await one.ask('/api/v1/orders');
  expect(asked.at(-1)).toBe('GET /api/v1/orders Bearer t3');
  await other.signOut();
  expect(one.isSignedIn()).toBe(false);
});
