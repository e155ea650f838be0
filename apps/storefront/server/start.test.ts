import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SiteServer, startSiteServer } from './start';

const environment = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  HOST: '127.0.0.1',
  PORT: '0',
  ADMIN_PORT: '0',
  SHUTDOWN_GRACE_MS: '1000',
};
const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';
let folder: string;
let server: SiteServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-site-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Shop</title>');
  writeFileSync(join(folder, 'assets/index-abc.js'), 'console.log(1)');
  server = await startSiteServer(environment, folder);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const get = (path: string, accept = browser, method = 'GET') =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers: { accept } });
const admin = async (path: string) => (await fetch(`http://127.0.0.1:${server.adminPort}${path}`)).text();

test.each(['/', '/orders/1?from=mail', '/nowhere'])('a browser gets the page at %s', async (path) => {
  const response = await get(path);
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Shop')]);
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
});

test('a request for / without accepting HTML gets the page, for load balancers', async () => {
  expect((await get('/', '*/*')).headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test.each(['/api/v1/products', '/.well-known/jwks.json', '/assets/gone.js', '/%', '/..%2f..%2fpackage.json'])(
  'there is nothing at %s',
  async (path) => {
    const response = await get(path, '*/*');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ]);
  },
);

test('only reads are taken', async () => {
  expect((await get('/', browser, 'POST')).status).toBe(405);
  expect((await get('/', browser, 'OPTIONS')).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  const head = await get('/assets/index-abc.js', '*/*', 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('it has probes and metrics, whose labels no request chooses', async () => {
  await get('/a-page-of-somebody');
  expect([await admin('/livez'), await admin('/readyz')]).toEqual(['ok\n', 'ok\n']);
  const metrics = await admin('/metrics');
  expect(metrics).toContain('route="/{page}"');
  expect(metrics).not.toContain('somebody');
});

test('it does not start without a built site', async () => {
  await expect(startSiteServer(environment, join(folder, 'assets'))).rejects.toThrow('build the storefront');
});
