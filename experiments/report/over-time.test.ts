import type { Sample } from '../load/samples';
import { overTimeTable } from './over-time';

test('a table over time shows pods as they were last counted, requests a second, and p99 of the served', () => {
  const samples = [
    ...Array.from({ length: 100 }, (_, index): Sample => ({
      kind: 'browse',
      at: index * 100,
      latencyMs: index === 50 ? 400 : 20,
      status: 200,
    })),
    { kind: 'search', at: 3_000, latencyMs: 70, status: 200 },
    { kind: 'search', at: 12_000, latencyMs: 5, status: 503 },
  ] satisfies Sample[];
  const table = overTimeTable({
    samples,
    counts: [
      { at: 1_000, pods: { product: 2, payment: 2 } },
      { at: 9_000, pods: { product: 4, payment: 2 } },
    ],
    services: ['product', 'payment'],
    kinds: { browse: 'looks', search: 'searches' },
    lastedMs: 15_000,
  });
  expect(table).toBe(
    [
      '| time    | pods of product | pods of payment | looks a second |   p99 | searches a second |   p99 |',
      '| ------- | --------------: | --------------: | -------------: | ----: | ----------------: | ----: |',
      '| 0–10 s  |               4 |               2 |           10.0 | 20 ms |               0.1 | 70 ms |',
      '| 10–15 s |               – |               – |            0.0 |     – |               0.2 |     – |',
    ].join('\n'),
  );
});
