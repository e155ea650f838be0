import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { loadConfig } from '@bulkhead/service/config';
import { createListenerServer } from '@bulkhead/service/http/server';
import { eventually } from '@bulkhead/testing/eventually';
import { assembleShop, type Shop } from '../assemble-shop';
import { LocalConfig } from '../config';
import { definitions } from '../definitions';
import { serviceEnvironment } from '../local/environment';
import { createOps, type OpsOptions } from './create-ops';

const secret = 'only-to-see-what-is-measured';
const nowhere = 'postgres://nobody:none@127.0.0.1:1/none';

/** The whole shop in this process without its databases: what is asked for fails, which is to be seen. */
async function startShopWithOps(options: Pick<OpsOptions, 'mode' | 'enabled'>) {
  const ops = createOps({ ...options, pageFolder: path.join(__dirname, 'page') });
  const shop: Shop = await assembleShop({
    definitions,
    config: loadConfig(LocalConfig, { NODE_ENV: 'test', LOG_LEVEL: 'silent' }),
    databaseUrls: new Map(
      definitions.filter(({ database }) => database).map(({ name }) => [name, nowhere] as const),
    ),
    environment: serviceEnvironment({
      origin: 'http://127.0.0.1',
      smtpUrl: 'smtp://127.0.0.1:1',
      providerUrl: 'http://127.0.0.1:1',
      secrets: {
        adminToken: secret,
        adminPassword: secret,
        customerPassword: secret,
        webhookSecret: secret,
        keyEncryptionSecret: Buffer.alloc(32, 7).toString('base64'),
      } as unknown as Parameters<typeof serviceEnvironment>[0]['secrets'],
    }),
    traces: ops?.traces,
  });
  const services = definitions.map(({ name }, index) => ({ name, metrics: shop.telemetry[index]!.metrics }));
  const server = createListenerServer(ops?.before(shop.gateway.app, services) ?? shop.gateway.app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    get: (target: string, method = 'GET') => fetch(`${origin}${target}`, { method }),
    /** What the page shows. */
    data: async (query = ''): Promise<any> => (await fetch(`${origin}/ops/data${query}`)).json(),
    async stop() {
      server.closeAllConnections();
      server.close();
      ops?.stop();
      await shop.stop(0, Promise.resolve());
    },
  };
}

describe('/ops', () => {
  let running: Awaited<ReturnType<typeof startShopWithOps>>;
  beforeAll(async () => {
    running = await startShopWithOps({ mode: 'development', enabled: true });
  });
  afterAll(() => running.stop());

  it('shows a request that was made: its route, its status, and its trace through the services', async () => {
    const before = await running.data();
    expect(before.routes).toEqual([]);
    expect(before.traces).toEqual([]);

    const { status } = await running.get('/api/v1/products?limit=3');
    expect(status).toBeGreaterThanOrEqual(500);

    // A span ends a moment after its answer has left.
    const { routes, traces, at } = await eventually(async () => {
      const data = await running.data();
      expect(data.traces[0]?.service).toBe('gateway');
      return data;
    });
    expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
    expect(routes).toContainEqual(
      expect.objectContaining({
        service: 'gateway',
        method: 'GET',
        route: '/api/v1/products',
        requests: 1,
        errors: 1,
        statuses: { [status]: 1 },
      }),
    );
    expect(routes).toContainEqual(expect.objectContaining({ service: 'product', requests: 1 }));
    const [trace] = traces;
    expect(trace).toMatchObject({ name: 'GET /api/v1/products', service: 'gateway', status, failed: true });
    expect(
      trace.spans.slice(0, 3).map((span: any) => [span.depth, span.service, span.kind, span.failed]),
    ).toEqual([
      [0, 'gateway', 'server', true],
      [1, 'gateway', 'client', true],
      [2, 'product', 'server', true],
    ]);
    for (const { offsetMs, durationMs } of trace.spans)
      expect(offsetMs + durationMs).toBeLessThanOrEqual(trace.durationMs + 0.001);
  });

  it('finds the trace that a link leads to after newer ones have pushed it out of the list', async () => {
    const listed = async (query?: string): Promise<string[]> =>
      (await running.data(query)).traces.map(({ traceId }: any) => traceId);
    const traceId = await eventually(async () => {
      const [newest] = await listed();
      expect(newest).toBeDefined();
      return newest!;
    });
    for (let number = 0; number < 45; number += 1) await running.get('/api/v1/products?limit=3');
    await eventually(async () => expect(await listed()).not.toContain(traceId));
    expect(await listed(`?trace=${traceId}`)).toContain(traceId);
  });

  it('names every service, and where each of them calls', async () => {
    const { services, peers } = await running.data();
    expect(services.map(({ service }: any) => service)).toEqual(definitions.map(({ name }) => name));
    expect(peers).toContainEqual(
      expect.objectContaining({ service: 'order', peer: 'payment', breaker: 'closed' }),
    );
  });

  it('is a page that runs nothing but its own files', async () => {
    const page = await running.get('/ops');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style| style=| on[a-z]+=/);
    const linked = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, target]) => target!);
    expect(linked).toHaveLength(2);
    for (const target of linked) expect((await running.get(target)).status).toBe(200);
  });

  it('is only looked at, and leaves what is not its own to the shop', async () => {
    expect((await running.get('/ops', 'POST')).status).toBe(405);
    expect((await running.get('/ops/data', 'DELETE')).status).toBe(405);
    expect((await running.get('/ops/../etc')).status).toBe(404);
    expect((await running.get('/operations')).status).toBe(404);
  });
});

it.each([
  ['in production', { mode: 'production', enabled: true }],
  ['where OPS=off', { mode: 'development', enabled: false }],
] as const)('/ops is unknown %s', async (_where, options) => {
  const { get, stop } = await startShopWithOps(options);
  try {
    for (const target of ['/ops', '/ops/data', '/ops/app.js']) expect((await get(target)).status).toBe(404);
  } finally {
    await stop();
  }
});
