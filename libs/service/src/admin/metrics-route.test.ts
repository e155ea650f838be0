import { createMetrics } from '@bulkhead/telemetry/metrics';
import request from 'supertest';
import { createAdminApp } from './admin-app';

const metrics = createMetrics({ service: 'order' });
const counted = metrics.counter({
  name: 'visits_total',
  help: 'Visits.',
  labels: { page: Array.from({ length: 100 }, (_, page) => `${page}`) },
});
for (let page = 0; page < 100; page += 1) counted.add({ page: `${page}` });
const app = createAdminApp({ started: () => true, unready: () => [], metrics });

const scrape = (accept: string, encoding: string) =>
  request(app).get('/metrics').set('accept', accept).set('accept-encoding', encoding).expect(200);

describe('/metrics', () => {
  it('is text for clients that accept anything', async () => {
    const { headers, text } = await scrape('*/*', 'identity');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['vary']).toBe('Accept, Accept-Encoding');
    expect(text).toContain('# TYPE visits_total counter\n');
  });

  it('is OpenMetrics for clients that request it', async () => {
    const { headers, text } = await scrape(
      'application/openmetrics-text;version=1.0.0,*/*;q=0.1',
      'identity',
    );
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text).toMatch(/# TYPE visits counter\n[\s\S]*\n# EOF\n$/);
  });

  it.each(['text/plain', 'application/openmetrics-text'])(
    'is compressed where that is accepted: %s',
    async (type) => {
      const { headers } = await scrape(type, 'gzip');
      expect(headers['content-encoding']).toBe('gzip');
    },
  );
});
