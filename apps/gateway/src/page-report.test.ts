import {
  createTestNetwork,
  startTestService,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { gatewayService } from './app';
import { pageReport } from './page-report';

let gateway: TestService;
beforeAll(async () => {
  gateway = await startTestService(gatewayService, {
    network: await createTestNetwork(),
    config: { RATE_LIMIT_CLIENT_BURST: '20', RATE_LIMIT_CLIENT_PER_SECOND: '0.1' },
  });
});
afterAll(() => gateway.stop());

const report = (body: unknown, type = 'application/json') =>
  fetch(`${gateway.origin}${pageReport.path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const valueOf = async (series: string) =>
  (await gateway.metrics())
    .split('\n')
    .find((line) => line.startsWith(series))
    ?.split(' ')[1];

test('what a page measured of itself is a metric of the gateway', async () => {
  const { status } = await report({
    vitals: { lcp: 1_100, inp: 40.5, ttfb: 12 },
    layoutShift: 0.02,
    errors: { script: 2 },
  });
  expect(status).toBe(204);
  expect(await valueOf('page_vital_seconds_sum{service="gateway",vital="lcp"')).toBe('1.1');
  expect(await valueOf('page_layout_shift_ratio_count')).toBe('1');
  expect(await valueOf('page_errors_total{kind="script"')).toBe('2');
});

test.each([
  ['a vital that nobody knows', { vitals: { fid: 1 }, errors: {} }, 422],
  ['a time below 0', { vitals: { lcp: -1 }, errors: {} }, 422],
  ['more errors than a page can have', { vitals: {}, errors: { script: 1e9 } }, 422],
  ['no report', { anything: 1 }, 422],
  ['what is no JSON', '{"vitals":', 400],
  ['more than a report holds', 'x'.repeat(2_000), 413],
])('%s is refused, and counts nothing', async (_what, body, status) => {
  const before = await valueOf('page_errors_total{kind="script"');
  const response = await report(body);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    status,
    'application/problem+json',
  ]);
  expect(await valueOf('page_errors_total{kind="script"')).toBe(before);
});

test('pages of other origins are not let in, and only POST is taken', async () => {
  const target = `${gateway.origin}${pageReport.path}`;
  expect((await report({ vitals: {}, errors: {} }, 'text/plain')).status).toBe(415);
  const preflight = await fetch(target, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  expect((await fetch(target)).status).toBe(405);
});

test('who reports too often is refused', async () => {
  const statuses = [];
  for (let attempt = 0; attempt < 21; attempt += 1)
    statuses.push((await report({ vitals: {}, errors: {} })).status);
  expect(statuses).toContain(429);
});
