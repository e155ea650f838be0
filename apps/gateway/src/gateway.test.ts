import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request as httpRequest, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { serviceNames } from '@bulkhead/contracts/services';
import {
  createTestNetwork,
  startTestService,
  type TestNetwork,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { createTraceRecorder } from '@bulkhead/telemetry/trace-recorder';
import { eventually } from '@bulkhead/testing/eventually';
import supertest from 'supertest';
import { gatewayService } from './app';

/** What a service behind the gateway was asked. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const userId = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
let network: TestNetwork;
let gateway: TestService;
let behind: Server;
/** The catalog stands apart: connections to one address are shared. */
let catalog: Server;
let origin: string;
let seen: Seen[] = [];
const recorder = createTraceRecorder();
let behaviour: 'echo' | 'hang' | 'large' | 'stream' | 'fail' | 'cut' = 'echo';

/** Stands for every service: says what it saw, or misbehaves as a test asks. */
function startBehind(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(entry);
      if (behaviour === 'hang') return;
      if (behaviour === 'cut') return void response.socket?.destroy();
      if (behaviour === 'fail')
        return void response.writeHead(500, { 'content-type': 'application/problem+json' }).end('{}');
      if (behaviour === 'large')
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify('x'.repeat(10_000)));
      if (behaviour === 'stream') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('id: 1\ndata: "now"\n\n');
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close', 'x-own': 'kept' });
      response.end(JSON.stringify({ url: entry.url, method: entry.method }));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

beforeAll(async () => {
  network = await createTestNetwork();
  behind = await startBehind();
  catalog = await startBehind();
  const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  for (const name of serviceNames) network.origins.set(name, originOf(behind));
  network.origins.set('product', originOf(catalog));
  const auth = createServer((request, response) => {
    const answer = async () => {
      if (request.method === 'POST') {
        const { sessionIds } = (await json(request)) as { sessionIds: string[] };
        const roles = ['customer', 'admin'];
        return { items: sessionIds.map((sessionId) => ({ sessionId, userId, roles })) };
      }
      const { keys } = await network.users.keys();
      return { keys: keys.map((key) => ({ ...key, use: 'sig' })) };
    };
    void answer().then((body) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => auth.listen(0, '127.0.0.1', resolve));
  network.origins.set('auth', `http://127.0.0.1:${(auth.address() as { port: number }).port}`);
  gateway = await startTestService(gatewayService, {
    network,
    traces: { recorder, ratio: 1 },
    config: {
      REQUEST_DEADLINE_MS: '300',
      TRUSTED_HOPS: '1',
      CORS_ORIGINS: 'https://shop.example',
      RATE_LIMIT_CLIENT_BURST: '20',
      RATE_LIMIT_CLIENT_PER_SECOND: '0.1',
    },
  });
  origin = gateway.origin;
  closeAuth = () => new Promise((resolve) => auth.close(() => resolve()));
});
let closeAuth: () => Promise<void>;

afterAll(async () => {
  await gateway.stop();
  for (const server of [behind, catalog]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await closeAuth();
});

let address = 0;
/** Every test is a client of its own, so that none spends another's rate limit. */
const client = () => `203.0.113.${(address = (address % 250) + 1)}`;

const connectionsOf = (server: Server) =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

beforeEach(() => {
  seen = [];
  behaviour = 'echo';
});

const get = (path: string, headers: Record<string, string> = {}) =>
  supertest(origin)
    .get(path)
    .set({ 'x-forwarded-for': client(), ...headers });

/** A request whose target is sent as it is written here. */
const raw = (
  target: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { port } = new URL(origin);
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        path: target,
        method: options.method ?? 'GET',
        // One that says less or more than it sends leaves a connection that serves no other.
        agent: false,
        headers: { 'x-forwarded-for': client(), ...options.headers },
      },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });

describe('what passes through', () => {
  it('reaches the service with its path and query, and comes back with its headers', async () => {
    const answer = await get('/api/v1/products?limit=3&category=a%20b');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ url: '/api/v1/products?limit=3&category=a%20b', method: 'GET' });
    expect(answer.headers['x-own']).toBe('kept');
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('carries nothing internal that the client made up', async () => {
    await get('/api/v1/products', {
      'x-service-token': 'forged',
      'x-request-id': '00000000-0000-4000-8000-000000000000',
      'x-request-deadline': '999999',
      'x-client-address': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
      'x-real-ip': '10.0.0.1',
      tracestate: 'theirs=1',
      baggage: 'who=theirs',
    });
    const [{ headers } = { headers: {} as IncomingHttpHeaders }] = seen;
    expect(headers['x-service-token']).not.toBe('forged');
    expect(headers['x-request-id']).not.toBe('00000000-0000-4000-8000-000000000000');
    expect(Number(headers['x-request-deadline'])).toBeLessThanOrEqual(300);
    expect(headers['x-client-address']).toMatch(/^203\.0\.113\./);
    expect(headers['forwarded']).toBeUndefined();
    expect(headers['x-real-ip']).toBeUndefined();
    for (const name of ['x-forwarded-for', 'tracestate', 'baggage']) expect(headers[name]).toBeUndefined();
  });

  it('names a path in the one way that every reader reads alike', async () => {
    await raw('/api/v1/products/%61%2Db%C3%A9?limit=%33');
    expect(seen[0]?.url).toBe('/api/v1/products/a-b%C3%A9?limit=%33');
  });

  it('loses what Connection names, but never its credentials', async () => {
    await raw('/api/v1/products', {
      headers: { connection: 'x-secret, authorization', 'x-secret': '1', authorization: 'Bearer abc' },
    });
    expect(seen[0]?.headers['x-secret']).toBeUndefined();
    expect(seen[0]?.headers.authorization).toBe('Bearer abc');
  });

  it('starts a trace of its own', async () => {
    await get('/api/v1/products', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    expect(seen[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-/);
    expect(seen[0]?.headers['traceparent']).not.toContain('0af7651916cd43dd8448eb211c80319c');
    const linked = () => recorder.traces().flatMap(({ spans }) => spans.flatMap(({ links }) => links));
    await eventually(() =>
      expect(linked()).toContainEqual(
        expect.objectContaining({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }),
      ),
    );
  });

  it.each([
    ['as the proxy in front was asked', { 'x-forwarded-proto': 'http, https' }, 'https'],
    ['as the gateway was asked where the proxy says nothing', {}, 'http'],
    ['and nothing that is no scheme', { 'x-forwarded-proto': 'gopher' }, 'http'],
  ])('has a span with method, route, status and scheme, %s', async (_what, headers, scheme) => {
    await get('/api/v1/products', headers);
    const spanOfGateway = () =>
      recorder
        .traces()
        .find(({ traceId }) => seen[0]?.headers['traceparent']?.includes(traceId))
        ?.spans.find(({ kind }) => kind === 'server');
    await eventually(() => expect(spanOfGateway()).toBeDefined());
    expect(spanOfGateway()).toMatchObject({
      name: 'GET /api/v1/products',
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/api/v1/products',
        'http.response.status_code': 200,
        'url.scheme': scheme,
      },
    });
  });

  it('is compressed when it is large and the client takes that', async () => {
    behaviour = 'large';
    const answer = await get('/api/v1/products', { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.body).toHaveLength(10_000);
  });

  it('streams at once, uncompressed and without a deadline', async () => {
    behaviour = 'stream';
    const authorization = await network.users.authorization(userId);
    const first = await new Promise<{ encoding: string | undefined; text: string; close: () => void }>(
      (resolve, reject) => {
        const request = httpRequest(
          `${origin}/api/v1/orders/${userId}/events`,
          {
            headers: {
              authorization,
              'accept-encoding': 'gzip',
              'x-forwarded-for': client(),
              'x-request-deadline': '1',
            },
          },
          (response) =>
            response.once('data', (chunk: Buffer) =>
              resolve({
                encoding: response.headers['content-encoding'],
                text: chunk.toString(),
                close: () => request.destroy(),
              }),
            ),
        );
        request.on('error', reject);
        request.end();
      },
    );
    expect(first.text).toContain('data: "now"');
    expect(first.encoding).toBeUndefined();
    expect(seen[0]?.headers['x-request-deadline']).toBeUndefined();
    // It stays for as long as it likes: a few would leave no place for anybody else.
    expect(await gateway.metrics()).toMatch(/^http_server_admitted_requests\S* 0$/m);
    first.close();
  });
});

describe('a path', () => {
  it.each([
    '/api/v1/../internal/x',
    '/api/v1/products/%2e%2e/orders',
    '/api/v1//products',
    '/api/v1/products/a%2fb',
    '/api/v1/products/a%5cb',
    '/api/v1/products/%00',
    '/api/v1/products/%ff',
    '/api/v1/products/%zz',
    '/api/v1/products/%',
    '/api/v1/products/a%252fb',
    '/api/v1/products/;x=1',
    '/api/v1/./products',
  ])('that could mean two things is refused: %s', async (target) => {
    expect((await raw(target)).status).toBe(400);
    expect(seen).toHaveLength(0);
  });

  it.each(['/internal/products/quote', '/api/v1', '/api/v2/products', '/metrics', '/api/v1/products/a/b/c'])(
    'that is nobody’s is not found: %s',
    async (target) => {
      expect((await raw(target)).status).toBe(404);
      expect(seen).toHaveLength(0);
    },
  );

  it.each(['/api/v1/products/', '/API/v1/products', '/api/v1/openapi.json/'])(
    'that is nearly one is not found, and says what addresses look like: %s',
    async (target) => {
      const { status, body } = await raw(target);
      expect(status).toBe(404);
      expect(JSON.parse(body).detail).toContain('case-sensitive and do not end with a slash');
    },
  );

  it('with a method it does not have says which it has', async () => {
    const answer = await supertest(origin).patch('/api/v1/products').set('x-forwarded-for', client());
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD, POST, OPTIONS');
  });
});

describe('a document', () => {
  const place = '/api/v1/openapi.json';

  it.each([
    ['as it is', '', undefined],
    ['by gzip', 'gzip, deflate', 'gzip'],
    ['by Brotli, which is shorter', 'gzip, br', 'br'],
    ['as it is to whoever wants no other', 'br;q=0, gzip;q=0.0', undefined],
    ['in any coding', '*', 'br'],
  ])('is sent %s', async (_how, accepted, encoding) => {
    const answer = await fetch(origin + place, {
      headers: { 'x-forwarded-for': client(), 'accept-encoding': accepted },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-encoding') ?? undefined).toBe(encoding);
    expect(answer.headers.get('vary')).toContain('Accept-Encoding');
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0' });
  });

  it('says which methods it has, to OPTIONS and to any other', async () => {
    const from = { 'x-forwarded-for': client() };
    const options = await supertest(origin).options(place).set(from);
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS']);
    const posted = await supertest(origin).post(place).set(from).send({});
    expect([posted.status, posted.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await raw(place, { method: 'TRACE' })).status).toBe(405);
    const head = await supertest(origin).head(place).set(from);
    expect([head.status, Number(head.headers['content-length'])]).toEqual([200, expect.any(Number)]);
  });

  it.each([place, '/nothing', '/api/v1/products?of=nobody'])(
    'and %s stand behind the limits',
    async (target) => {
      const from = client();
      const statuses: number[] = [];
      for (let i = 0; i < 22; i++)
        statuses.push((await raw(target, { method: 'POST', headers: { 'x-forwarded-for': from } })).status);
      expect(statuses.slice(-2)).toEqual([429, 429]);
    },
  );
});

describe('identity', () => {
  it('is asked for where a user is needed, before the service is bothered', async () => {
    const answer = await get('/api/v1/orders');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect((await get('/api/v1/orders', { authorization: 'Bearer forged' })).status).toBe(401);
    expect(seen).toHaveLength(0);
  });

  it('passes on with the user’s token', async () => {
    const authorization = await network.users.authorization(userId);
    expect((await get('/api/v1/orders', { authorization })).status).toBe(200);
    expect(seen[0]?.headers.authorization).toBe(authorization);
  });

  it('needs the role where one is asked for', async () => {
    const post = async (roles: ('customer' | 'admin')[]) =>
      supertest(origin)
        .post('/api/v1/products')
        .set({ authorization: await network.users.authorization(userId, roles), 'x-forwarded-for': client() })
        .send({});
    expect((await post(['customer'])).status).toBe(403);
    expect((await post(['admin'])).status).toBe(200);
  });
});

describe('limits', () => {
  it('slow a client down with 429 and say when to come back', async () => {
    const from = client();
    const statuses: number[] = [];
    let last: supertest.Response | undefined;
    for (let i = 0; i < 22; i++) {
      last = await get('/api/v1/products', { 'x-forwarded-for': from });
      statuses.push(last.status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(last?.status).toBe(429);
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect(last?.headers['ratelimit-policy']).toContain('q=20');
    expect((await get('/api/v1/products')).status).toBe(200);
  });

  it('do not believe addresses that the client wrote itself', async () => {
    const from = client();
    const statuses = new Set<number>();
    for (let i = 0; i < 22; i++)
      statuses.add((await get('/api/v1/products', { 'x-forwarded-for': `10.1.1.${i}, ${from}` })).status);
    expect(statuses).toContain(429);
  });

  it.each([
    ['IPv4', (host: string) => host],
    ['IPv6', (host: string) => `[2001:db8:${host.split('.').at(-1)}::1]`],
  ])('know a client again whose port the load balancer adds (%s)', async (_family, write) => {
    const [one, other] = [write(client()), write(client())];
    const ask = (own: string, port: number) =>
      get('/api/v1/products', { 'x-forwarded-for': `9.9.9.${port % 250}, ${own}:${port}` });
    const statuses = new Set<number>();
    for (let port = 4_001; port < 4_023; port++) statuses.add((await ask(one, port)).status);
    expect(statuses).toContain(429);
    expect((await ask(other, 4_001)).status).toBe(200);
  });

  it('slow a user down wherever they call from, and nobody else', async () => {
    const strict = await startTestService(gatewayService, {
      network,
      config: { RATE_LIMIT_USER_BURST: '5', RATE_LIMIT_USER_PER_SECOND: '0.1', TRUSTED_HOPS: '1' },
    });
    try {
      const ask = async (id: string) =>
        fetch(`${strict.origin}/api/v1/orders`, {
          headers: { authorization: await network.users.authorization(id), 'x-forwarded-for': client() },
        });
      const hasty = randomUUID();
      for (let i = 0; i < 5; i++) expect((await ask(hasty)).status).toBe(200);
      const last = await ask(hasty);
      expect([last.status, last.headers.get('ratelimit-policy')]).toEqual([429, '"user";q=5;w=50']);
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await ask(randomUUID())).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  it('refuse at once what comes while as many as can be done are waiting, and say when to come back', async () => {
    const full = await startTestService(gatewayService, {
      network,
      config: { REQUEST_DEADLINE_MS: '3000', RATE_LIMITS: 'off' },
    });
    try {
      behaviour = 'hang';
      const search = (n: number) => fetch(`${full.origin}/api/v1/search?q=${n}`);
      const responses = await Promise.all(Array.from({ length: 100 }, (_, n) => search(n)));
      const refused = responses.filter(({ status }) => status === 503);
      expect(refused.length).toBeGreaterThan(0);
      expect(await refused[0]!.json()).toMatchObject({ type: 'urn:bulkhead:problem:overloaded' });
      expect(refused[0]!.headers.get('retry-after')).toBe('1');
      expect(seen.length).toBeLessThanOrEqual(100 - refused.length);
    } finally {
      await full.stop();
      // What was given up on its way is not to be seen by the next test.
      await eventually(async () => expect(await connectionsOf(behind)).toBe(0));
    }
  });

  it('refuse what cannot be served before anything is done for it', async () => {
    const full = await startTestService(gatewayService, {
      network,
      config: { REQUEST_DEADLINE_MS: '60000', RATE_LIMITS: 'off', CORS_ORIGINS: 'https://shop.example' },
      resilience: { CONCURRENCY_LIMIT_MIN: '10', CONCURRENCY_LIMIT_MAX: '10', CONCURRENCY_QUEUE: '0' },
    });
    const staying = new AbortController();
    try {
      behaviour = 'hang';
      const authorization = await network.users.authorization(userId);
      const running = Array.from({ length: 8 }, () =>
        fetch(`${full.origin}/api/v1/orders`, {
          headers: { authorization },
          signal: staying.signal,
        }).catch(() => undefined),
      );
      const refusals = /^http_server_rejections_total\{reason="overload"\S* (\d+)$/m;
      await eventually(async () => expect(seen).toHaveLength(running.length));
      const headers = { origin: 'https://shop.example' };
      // What nobody has looked at may be as wrong as it likes: no token was verified, no body read.
      const paths = ['/api/v1/orders', `/api/v1/orders/${randomUUID()}`, '/api/v1/orders?limit=x'];
      for (const path of paths) {
        const response = await fetch(`${full.origin}${path}`, {
          headers: { ...headers, authorization: 'Bearer nonsense' },
        });
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({
          type: 'urn:bulkhead:problem:overloaded',
          instance: response.headers.get('x-request-id'),
        });
        expect(response.headers.get('retry-after')).toBe('1');
        expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example');
      }
      expect((await fetch(`${full.origin}/api/v1/orders`, { method: 'HEAD', headers })).status).toBe(503);
      expect(seen).toHaveLength(running.length);
      const told = await full.metrics();
      expect(refusals.exec(told)?.[1]).toBe('4');
      expect(told).toMatch(
        /^http_server_request_duration_seconds_count\{service="gateway",method="GET",route="\/api\/v1\/orders",status="503"\S* 3$/m,
      );
      // Buying may have one place more, and there the token counts again.
      const buying = await fetch(`${full.origin}/api/v1/orders`, {
        method: 'POST',
        headers: { authorization: 'Bearer nonsense' },
      });
      expect(buying.status).toBe(401);
      staying.abort();
      await Promise.all(running);
    } finally {
      staying.abort();
      await full.stop();
      await eventually(async () => expect(await connectionsOf(behind)).toBe(0));
    }
  });

  it('leave the line when their client goes, and are never begun', async () => {
    const full = await startTestService(gatewayService, {
      network,
      config: { REQUEST_DEADLINE_MS: '60000', RATE_LIMITS: 'off' },
      resilience: { CONCURRENCY_QUEUE_BROWSE_MS: '20000' },
    });
    try {
      behaviour = 'hang';
      const [staying, leaving] = [new AbortController(), new AbortController()];
      const ask = (count: number, { signal }: AbortController) =>
        Array.from({ length: count }, () =>
          fetch(`${full.origin}/api/v1/search?q=1`, { signal }).catch(() => undefined),
        );
      const shows = (series: RegExp) => eventually(async () => expect(await full.metrics()).toMatch(series));
      const running = ask(51, staying);
      await shows(/^http_server_admitted_requests\S* 51$/m);
      const waiting = ask(3, leaving);
      await shows(/^http_server_queued_requests\{priority="browse"\S* 3$/m);
      leaving.abort();
      await Promise.all(waiting);
      await shows(/^http_server_queue_refusals_total\{priority="browse",reason="gone"\S* 3$/m);
      expect(await full.metrics()).toMatch(/^http_server_admitted_requests\S* 51$/m);
      staying.abort();
      await Promise.all(running);
    } finally {
      await full.stop();
      await eventually(async () => expect(await connectionsOf(behind)).toBe(0));
    }
  });

  it('refuse a body that is too large before it is read', async () => {
    const authorization = await network.users.authorization(userId);
    const answer = await raw('/api/v1/orders', {
      method: 'POST',
      headers: { authorization, 'content-length': '10000000', 'content-type': 'application/json' },
    }).catch((error: Error) => ({ status: 0, body: error.message }));
    expect(answer.status).toBe(413);
    expect(seen.filter(({ url }) => url === '/api/v1/orders')).toEqual([]);
  });

  it('cut off a body that turns out too large while it comes', async () => {
    const authorization = await network.users.authorization(userId);
    const answer = await raw('/api/v1/orders', {
      method: 'POST',
      headers: { authorization, 'transfer-encoding': 'chunked', 'content-type': 'application/json' },
      body: 'x'.repeat(300_000),
    });
    expect(answer.status).toBe(413);
  });
});

describe('a page of another origin', () => {
  it('is allowed only if it is listed', async () => {
    const good = await get('/api/v1/products', { origin: 'https://shop.example' });
    expect(good.headers['access-control-allow-origin']).toBe('https://shop.example');
    const bad = await get('/api/v1/products', { origin: 'https://evil.example' });
    expect(bad.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('gets its preflight answered', async () => {
    const answer = await supertest(origin).options('/api/v1/orders').set({
      origin: 'https://shop.example',
      'access-control-request-method': 'POST',
      'x-forwarded-for': client(),
    });
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-methods']).toContain('POST');
    expect(answer.headers['access-control-allow-headers']).toMatch(/\btraceparent\b/);
  });
});

describe('a service in trouble', () => {
  it('that hangs is given up at the deadline', async () => {
    behaviour = 'hang';
    const answer = await get('/api/v1/categories');
    expect(answer.status).toBe(504);
    expect(answer.body.type).toBe('urn:bulkhead:problem:deadline-exceeded');
    // Sent once, though the gateway and the answer both have it.
    expect(answer.headers['x-request-id']).toBe(answer.body.instance);
  });

  it('that breaks off is unavailable', async () => {
    behaviour = 'cut';
    const answer = await get('/api/v1/products');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBeDefined();
  });

  it('that has the keys of the tokens, and hangs, makes nobody wait for an unknown end', async () => {
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const other = await createTestNetwork();
    other.origins.set('auth', `http://127.0.0.1:${(hanging.address() as { port: number }).port}`);
    const door = await startTestService(gatewayService, { network: other });
    try {
      const authorization = await other.users.authorization(userId);
      const answer = await supertest(door.origin).get('/api/v1/orders').set({ authorization });
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        body: { detail: 'Access tokens cannot be verified at the moment. Nothing was changed.' },
      });
    } finally {
      await door.stop();
      hanging.closeAllConnections();
      await new Promise((resolve) => hanging.close(resolve));
    }
  });

  it('that keeps failing is left alone, and the others go on', async () => {
    behaviour = 'fail';
    for (let i = 0; i < 40; i++) await get(`/api/v1/stock/SKU-${i}`);
    const asked = seen.length;
    behaviour = 'echo';
    const answer = await get('/api/v1/stock/AGAIN');
    expect(answer.status).toBe(503);
    expect(seen).toHaveLength(asked);
    expect((await get('/api/v1/products')).status).toBe(200);
    await eventually(
      async () => {
        const closed = await get('/api/v1/stock/LATER');
        expect(closed.status).toBe(200);
      },
      { timeoutMs: 15_000 },
    );
  });

  it('that keeps others waiting takes no place of those who ask another', async () => {
    const patient = await startTestService(gatewayService, {
      network,
      config: { REQUEST_DEADLINE_MS: '3000', RATE_LIMITS: 'off' },
    });
    try {
      behaviour = 'hang';
      const headers = { authorization: await network.users.authorization(userId) };
      // As many as leave no place for browsing where one limit is shared.
      const waiting = Array.from({ length: 52 }, () => fetch(`${patient.origin}/api/v1/orders`, { headers }));
      await eventually(async () =>
        /^http_server_admitted_requests\S* (?:5[12])$/m.test(await patient.metrics()),
      );
      behaviour = 'echo';
      expect((await fetch(`${patient.origin}/api/v1/products`)).status).toBe(200);
      await Promise.all(waiting);
    } finally {
      await patient.stop();
    }
  });
});

describe('the bare address', () => {
  it('says where to go, to people and to a load balancer’s health check', async () => {
    const answer = await get('/');
    expect(answer.status).toBe(200);
    const { products, search, openapi } = answer.body.links as Record<string, string>;
    for (const path of [products, search, openapi]) expect((await get(path!)).status).toBe(200);
    expect((await supertest(origin).head('/').set('x-forwarded-for', client())).status).toBe(200);
    expect((await supertest(origin).post('/').set('x-forwarded-for', client())).status).toBe(405);
  });
});

describe('the API document', () => {
  it('is served whole', async () => {
    const answer = await get('/api/v1/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.body.openapi).toBe('3.1.0');
    expect(Object.keys(answer.body.paths)).toContain('/api/v1/orders');
    expect(Object.keys(answer.body.paths).filter((path) => path.startsWith('/internal'))).toEqual([]);
  });
});
