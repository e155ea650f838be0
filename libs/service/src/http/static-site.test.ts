import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readStaticSite } from './static-site';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-site-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>Shop</title>');
  writeFileSync(path.join(folder, 'assets/index-abc.js'), 'console.log(1)');
  writeFileSync(path.join(folder, 'icon.svg'), '<svg/>');
});
afterAll(() => rmSync(folder, { recursive: true }));

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const response = (pathname: string, headers = {}) => readStaticSite(folder)!.answer(pathname, headers);

test('what has a hash in its name is kept for ever; the rest is asked for each time', () => {
  const script = response('/assets/index-abc.js')!;
  expect([script.status, String(script.body)]).toEqual([200, 'console.log(1)']);
  expect(script.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
  });
  expect(response('/icon.svg')?.headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-type': 'image/svg+xml',
  });
  const { etag } = response('/', browser)!.headers!;
  expect(response('/', { ...browser, 'if-none-match': etag })).toMatchObject({ status: 304 });
  expect(response('/', { ...browser, 'if-none-match': etag })?.body).toBeUndefined();
});

test.each(['/', '/products/enamel-kettle-red', '/orders/1'])('a browser gets the page at %s', (pathname) => {
  const page = response(pathname, browser)!;
  expect(String(page.body)).toContain('<title>Shop</title>');
  expect(page.headers!['cache-control']).toBe('no-cache');
  expect(page.headers!['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'/);
  expect(page.headers!['content-security-policy']).not.toMatch(/unsafe|data:|\*/);
});

test.each(['/api/v1/nothing', '/api', '/.well-known/nothing', '/assets/gone.js'])(
  '%s is no page',
  (pathname) => {
    expect(response(pathname, browser)).toBeUndefined();
  },
);

test('a request that does not accept HTML gets no page, and nothing outside the folder is served', () => {
  expect(response('/', { accept: '*/*' })).toBeUndefined();
  expect(response('/../package.json')).toBeUndefined();
});

test('files go out compressed to whom takes that', () => {
  const page = response('/', { ...browser, 'accept-encoding': 'gzip' })!;
  expect(page.headers!['content-encoding']).toBe('gzip');
  expect(gunzipSync(page.body as Buffer).toString()).toContain('<title>Shop</title>');
});

test('a folder without index.html is no site', () => {
  expect(readStaticSite(path.join(folder, 'assets'))).toBeUndefined();
  expect(readStaticSite(path.join(folder, 'nowhere'))).toBeUndefined();
});
