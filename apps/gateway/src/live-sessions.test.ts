import { createServer, type Server } from 'node:http';
import { publicApis } from '@bulkhead/contracts/apis';
import { authApi, authInternal } from '@bulkhead/contracts/auth/api';
import { type Endpoint, needsLiveSession, type Role } from '@bulkhead/contracts/endpoint';
import { serviceNames } from '@bulkhead/contracts/services';
import { problem } from '@bulkhead/service/errors';
import { implement } from '@bulkhead/service/http/operation';
import { randomIds } from '@bulkhead/service/ids';
import { timerProfiles } from '@bulkhead/service/runtime/timers';
import type { ServiceDefinition } from '@bulkhead/service/service';
import {
  createTestNetwork,
  startTestService,
  type TestNetwork,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { z } from 'zod';
import { gatewayService } from './app';

let network: TestNetwork;
let auth: TestService;
let gateways: TestService[];
let behind: Server;
let isAuthAway = false;
/** The sessions that live, with the roles of now. */
const sessions = new Map<string, { userId: string; roles: Role[] }>();
/** What services behind the gateway were asked. */
let reached: string[] = [];

const authDefinition: ServiceDefinition = {
  name: 'auth',
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({
    operations: [
      implement(authApi.jwks, async () => {
        const { keys } = await network.users.keys();
        return { status: 200, body: { keys: keys.map((key) => ({ ...key, use: 'sig' })) as never } };
      }),
      implement(authInternal.liveSessions, async ({ body }) => {
        if (isAuthAway) throw problem('unavailable');
        const items = body.sessionIds.flatMap((sessionId) => {
          const session = sessions.get(sessionId);
          return session ? [{ sessionId, ...session }] : [];
        });
        return { status: 200, body: { items } };
      }),
    ],
  }),
};

beforeAll(async () => {
  network = await createTestNetwork();
  behind = createServer((request, response) => {
    request.resume();
    reached.push(`${request.method} ${request.url}`);
    if (/stream$|events$/.test(request.url ?? '')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: "now"\n\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  auth = await startTestService(authDefinition, { network });
  const { port } = behind.address() as { port: number };
  for (const name of serviceNames.filter((each) => each !== 'auth'))
    network.origins.set(name, `http://127.0.0.1:${port}`);
  const replica = () =>
    startTestService(gatewayService, {
      network,
      timers: { ...timerProfiles.fast, sessionLookMs: 100 },
      config: { RATE_LIMITS: 'off' },
    });
  gateways = [await replica(), await replica()];
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await auth.stop();
  behind.closeAllConnections();
  await new Promise((resolve) => behind.close(resolve));
});
beforeEach(() => {
  isAuthAway = false;
  reached = [];
});

const signIn = async (roles: Role[] = ['customer'], seconds?: number) => {
  const [userId, sessionId] = [randomIds.next(), randomIds.next()];
  sessions.set(sessionId, { userId, roles });
  const token = { sessionId, ...(seconds === undefined ? {} : { seconds }) };
  return { sessionId, authorization: await network.users.authorization(userId, roles, token) };
};
const send = (
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  authorization: string,
  gateway = gateways[0]!,
) =>
  fetch(gateway.origin + path.replaceAll(/\{\w+\}/g, randomIds.next()), {
    method: method.toUpperCase(),
    headers: { authorization, 'content-type': 'application/json' },
    ...(method === 'get' ? {} : { body: '{}' }),
  });

const guarded = Object.entries(publicApis)
  .flatMap(([service, api]) =>
    Object.values<Endpoint>(api).map((endpoint) => ({ service, name: endpoint.operationId, endpoint })),
  )
  .filter(({ endpoint }) => needsLiveSession(endpoint));

const rolesFor = ({ access }: Endpoint): Role[] =>
  access.kind === 'role' ? ['admin', 'customer'] : ['customer'];

describe.each(guarded)('$name', ({ service, endpoint }) => {
  /** The auth of these tests has no such operation, which is found out there and not here. */
  const done = service === 'auth' ? 404 : 200;

  test('is done for whose session lives', async () => {
    const { authorization } = await signIn(rolesFor(endpoint));
    expect((await send(endpoint, authorization)).status).toBe(done);
  });

  test('is not done with the last access token of a session that has ended', async () => {
    const { authorization, sessionId } = await signIn(rolesFor(endpoint));
    sessions.delete(sessionId);
    const answer = await send(endpoint, authorization);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="bulkhead", error="invalid_token"',
    ]);
    expect(reached).toEqual([]);
  });
});

test('who has lost a role does nothing more that needs it, though the token has it', async () => {
  const { authorization, sessionId } = await signIn(['admin']);
  sessions.set(sessionId, { ...sessions.get(sessionId)!, roles: ['customer'] });
  expect((await send({ method: 'post', path: '/api/v1/payments/{id}/refunds' }, authorization)).status).toBe(
    403,
  );
  expect(reached).toEqual([]);
});

test('the session of one person says nothing for another', async () => {
  const { sessionId } = await signIn();
  const authorization = await network.users.authorization(randomIds.next(), ['customer'], { sessionId });
  expect((await send({ method: 'delete', path: '/api/v1/me' }, authorization)).status).toBe(401);
});

test('all else goes on without auth', async () => {
  const { authorization } = await signIn();
  isAuthAway = true;
  for (const [method, path] of [
    ['get', '/api/v1/orders'],
    ['post', '/api/v1/orders'],
    ['get', '/api/v1/me'],
  ] as const)
    expect((await send({ method, path }, authorization)).status).toBe(200);
});

const open = async (path: string, authorization: string, gateway?: TestService) => {
  const answer = await send({ method: 'get', path }, authorization, gateway);
  const stream = { status: answer.status, text: '', ended: false };
  const read = async () => {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) stream.text += chunk;
    stream.ended = true;
  };
  return { stream, read: read() };
};

test('a stream ends in order when the access token expires', async () => {
  const { authorization } = await signIn(['customer'], 2);
  const { read, stream } = await open('/api/v1/notifications/stream', authorization);
  await read;
  expect(stream).toMatchObject({ status: 200, text: 'data: "now"\n\n' });
});

describe.each(['/api/v1/notifications/stream', `/api/v1/orders/${randomIds.next()}/events`])(
  'the stream %s',
  (path) => {
    test('ends in order when the session has ended, on every replica', async () => {
      const { authorization, sessionId } = await signIn();
      const others = await open(path, (await signIn()).authorization);
      const streams = await Promise.all(gateways.map((gateway) => open(path, authorization, gateway)));
      await eventually(() => streams.every(({ stream }) => stream.text.includes('now')));
      sessions.delete(sessionId);
      await Promise.all(streams.map(({ read }) => read));
      expect(others.stream).toMatchObject({ status: 200, ended: false });
    });

    test('is not opened for a session that has ended', async () => {
      const { authorization, sessionId } = await signIn();
      sessions.delete(sessionId);
      expect((await send({ method: 'get', path }, authorization)).status).toBe(401);
      expect(reached).toEqual([]);
    });

    test('opens and stays open while auth does not respond', async () => {
      isAuthAway = true;
      const { authorization, sessionId } = await signIn();
      sessions.delete(sessionId);
      const { stream, read } = await open(path, authorization);
      await eventually(() => stream.text.includes('now'));
      expect(stream).toMatchObject({ status: 200, ended: false });
      isAuthAway = false;
      await read;
    });
  },
);

// Last: so many failures open the circuit to auth.
test.each(guarded)(
  '$name is not done while auth does not tell, and can be tried again',
  async ({ endpoint }) => {
    const { authorization } = await signIn(rolesFor(endpoint));
    isAuthAway = true;
    const answer = await send(endpoint, authorization);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(((await answer.json()) as { detail: string }).detail).toContain('Nothing was changed.');
    expect(reached).toEqual([]);
  },
);
