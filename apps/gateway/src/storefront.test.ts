import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createTestNetwork,
  startTestService,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import supertest from 'supertest';
import { gatewayWithSite } from './app';

let folder: string;
let gateway: TestService;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-site-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>Shop</title>');
  writeFileSync(path.join(folder, 'assets/index-abc.js'), 'console.log(1)');
  gateway = await startTestService(gatewayWithSite(folder), { network: await createTestNetwork() });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';
const get = (address: string, accept = browser) =>
  supertest(gateway.origin).get(address).set('accept', accept);

test.each(['/', '/orders/1?from=mail', '/nowhere'])(
  'a browser gets the storefront at %s',
  async (address) => {
    const { status, text, headers } = await get(address);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain('<title>Shop</title>');
    expect(headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("script-src 'self'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  },
);

test('what has a hash in its name is kept for ever, and what is known is not sent again', async () => {
  const { text, headers } = await get('/assets/index-abc.js', '*/*').buffer();
  expect([text, headers['cache-control']]).toEqual(['console.log(1)', 'public, max-age=31536000, immutable']);
  expect((await get('/').set('if-none-match', String((await get('/')).headers['etag']))).status).toBe(304);
  const head = await supertest(gateway.origin).head('/').set('accept', browser);
  expect([head.status, head.text]).toEqual([200, undefined]);
});

test('the API stays what it was: JSON at the bare address, and problems', async () => {
  expect((await get('/', '*/*')).body.name).toBe('Bulkhead');
  for (const address of ['/api/v1/nothing', '/assets/gone.js']) {
    const { status, headers } = await get(address);
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json']);
  }
  expect((await get('/nowhere', 'application/json')).status).toBe(404);
  expect((await supertest(gateway.origin).post('/orders/1').set('accept', browser)).status).toBe(405);
});
