import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { chartPath, renderText, repository, run } from '../helm';
import { objectionsTo } from '../kubeconform';
import { charts, scenarios, services } from '../scenarios';

const all = [...charts, 'service'];

test('what is generated is what the services say today', () => {
  const { status, stderr } = run(process.execPath, ['scripts/charts.mjs', '--check']);
  expect([status, stderr]).toEqual([0, '']);
});

test('helm lint finds nothing', () => {
  const { status, stdout } = run('helm', ['lint', '--strict', ...all.map(chartPath)]);
  expect(stdout).toContain(`${all.length} chart(s) linted, 0 chart(s) failed`);
  expect(status).toBe(0);
});

test.each(all)('%s says what it is, for which Kubernetes and by whom', (chart) => {
  const found = parse(readFileSync(join(chartPath(chart), 'Chart.yaml'), 'utf8')) as Record<string, unknown>;
  expect(found).toMatchObject({
    apiVersion: 'v2',
    kubeVersion: expect.stringMatching(/^>=/),
    icon: expect.stringMatching(/^https:/),
    maintainers: [expect.objectContaining({ name: expect.any(String) })],
    annotations: expect.objectContaining({ 'artifacthub.io/license': 'MIT' }),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
});

test.each(services)('the chart of %s is one line', (chart) => {
  expect(readFileSync(join(chartPath(chart), 'templates/all.yaml'), 'utf8')).toBe(
    '{{ include "bulkhead.all" . }}\n',
  );
});

test('the umbrella can leave out any of its parts', () => {
  const { dependencies } = parse(readFileSync(join(chartPath('bulkhead'), 'Chart.yaml'), 'utf8')) as {
    dependencies: { name: string; condition?: string }[];
  };
  expect(dependencies.filter(({ name }) => name !== 'service')).toEqual(
    ['infra', ...services].map((name) => expect.objectContaining({ name, condition: `${name}.enabled` })),
  );
});

test('a packaged umbrella renders as the folder does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-package-'));
  try {
    expect(run('helm', ['package', chartPath('bulkhead'), '-d', folder]).status).toBe(0);
    const version = /^version: (.*)$/m.exec(readFileSync(join(chartPath('bulkhead'), 'Chart.yaml'), 'utf8'))?.[1];
    const { stdout } = run('helm', ['template', 'shop', join(folder, `bulkhead-${version}.tgz`), '-n', 'shop']);
    expect(stdout).toBe(renderText('bulkhead', {}, { release: 'shop' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe.each(scenarios)('$name', ({ chart, values, options }) => {
  const text = renderText(chart, values, { release: 'shop', ...options });

  test('has only objects that Kubernetes takes', () => {
    expect(objectionsTo(text)).toEqual([]);
  });

  test('renders to the same twice', () => {
    expect(renderText(chart, values, { release: 'shop', ...options })).toBe(text);
  });

  test('holds nothing secret', () => {
    expect(text).not.toMatch(/^kind: Secret$/m);
    expect(text).not.toMatch(/\/\/[^\s{}:@/]+:[^\s{}@/]+@/);
  });
});

test('the schemas that objects are judged by refuse what Kubernetes would', () => {
  const text = renderText('order').replace('revisionHistoryLimit: 3', 'revisionHistoryLimits: 3');
  expect(objectionsTo(text).join()).toContain('revisionHistoryLimits');
});

test('helm keeps no file in the repository that its own commands make', () => {
  const ignored = readFileSync(join(repository, '.gitignore'), 'utf8');
  expect(ignored).toContain('charts/*/charts/*.tgz');
});
