import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createMetrics, type MetricSpec } from '@bulkhead/telemetry/metrics';
import { lintMetrics } from '@bulkhead/testing/lint-metrics';
import { describeMetrics, readCatalogue } from './metrics-catalogue';

const root = path.join(__dirname, '../../..');
const file = path.join(root, 'docs/metrics.md');

/** As `npm run format` would; prettier itself cannot be loaded into jest. */
const formatted = (markdown: string): string =>
  execFileSync(
    process.execPath,
    [path.join(root, 'node_modules/prettier/bin/prettier.cjs'), '--stdin-filepath', file],
    { input: markdown, encoding: 'utf8' },
  );

describe('docs/metrics.md', () => {
  it('lists every metric of every service; npm run docs:metrics regenerates it', async () => {
    const made = formatted(await describeMetrics());
    if (process.env['WRITE_DOCS'] === 'on') await writeFile(file, made);
    expect(await readFile(file, 'utf8')).toBe(made);
  }, 60_000);
});

/** A value of each metric: promtool says nothing of a metric that has none. */
async function exposeEach(specs: readonly MetricSpec[]): Promise<string> {
  const metrics = createMetrics({ service: 'any' });
  for (const { name, type, help, labels } of specs) {
    const values = Object.fromEntries(
      Object.entries(labels).map(([label, spec]) => [label, 'max' in spec ? 'any' : spec[0]!]),
    );
    if (type === 'counter') metrics.counter({ name, help, labels }).add(values);
    if (type === 'gauge') metrics.gauge({ name, help, labels }).set(values, 1);
    if (type === 'histogram') metrics.histogram({ name, help, labels, buckets: [1] }).observe(values, 1);
  }
  return metrics.expose('text');
}

it('every metric of every service has a name, labels and a help text that promtool finds no fault with', async () => {
  expect(lintMetrics(await exposeEach(await readCatalogue()))).toEqual([]);
}, 60_000);
