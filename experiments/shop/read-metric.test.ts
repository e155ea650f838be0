import { createMetrics } from '@bulkhead/telemetry/metrics';
import { readMetric } from './read-metric';

it('a metric is read as it is exposed: the sum of its series with these labels, exemplars left aside', async () => {
  const metrics = createMetrics({ service: 'order' });
  const retries = metrics.counter({
    name: 'retries_total',
    help: 'h',
    labels: { peer: ['a', 'b'], kind: ['x', 'y'] },
  });
  retries.add({ peer: 'a', kind: 'x' }, 3);
  retries.add({ peer: 'a', kind: 'y' }, 4);
  retries.add({ peer: 'b', kind: 'x' }, 100);
  const durations = metrics.histogram({ name: 'seconds', help: 'h', labels: { peer: ['a'] }, buckets: [1] });
  durations.observe({ peer: 'a' }, 0.5, '0af7651916cd43dd8448eb211c80319c');
  durations.observe({ peer: 'a' }, 2, '0af7651916cd43dd8448eb211c80319c');
  const text = await metrics.expose();
  expect(readMetric(text, 'retries_total', { peer: 'a' })).toBe(7);
  expect(readMetric(text, 'retries_total')).toBe(107);
  expect(readMetric(text, 'seconds_count', { peer: 'a' })).toBe(2);
  expect(readMetric(text, 'seconds_bucket', { le: '1' })).toBe(1);
  expect(readMetric(text, 'unknown')).toBe(0);
});
