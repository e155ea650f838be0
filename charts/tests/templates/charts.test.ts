import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { chartPath, render, renderText, repository, run } from '../helm';
import { objectionsTo } from '../kubeconform';
import { charts, parts, scenarios, services } from '../scenarios';

const all = [...charts, 'service'];

test('what is generated is what the services say today', () => {
  const { status, stderr } = run(process.execPath, ['tools/charts/charts.mjs', '--check']);
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

test.each(parts)('the chart of %s is one line', (chart) => {
  expect(readFileSync(join(chartPath(chart), 'templates/all.yaml'), 'utf8')).toBe(
    '{{ include "bulkhead.all" . }}\n',
  );
});

test('the umbrella can leave out any of its parts', () => {
  const { dependencies } = parse(readFileSync(join(chartPath('bulkhead'), 'Chart.yaml'), 'utf8')) as {
    dependencies: { name: string; condition?: string }[];
  };
  expect(dependencies.filter(({ name }) => name !== 'service')).toEqual(
    ['infra', ...parts].map((name) => expect.objectContaining({ name, condition: `${name}.enabled` })),
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

describe('a release whose name is as long as Helm lets it be', () => {
  const longest = 'preview-of-the-checkout-redesign-that-nobody-has-seen';
  const values = {
    global: { monitoring: { enabled: true }, backup: { enabled: true, existingClaim: 'dumps' } },
  };

  test.each([false, true])('has names and labels that Kubernetes takes (upgrade: %s)', (upgrade) => {
    expect(longest).toHaveLength(53);
    const tooLong = render('bulkhead', values, { release: longest, upgrade }).flatMap(({ kind, metadata, spec }) => {
      // A StatefulSet's pods carry its name and a hash in a label, and a CronJob's Jobs its name and a time in theirs.
      const most = ['StatefulSet', 'CronJob'].includes(kind) ? 52 : 63;
      const labels = { ...metadata.labels, ...spec?.template?.metadata?.labels } as Record<string, string>;
      return [
        ...(metadata.name.length > most ? [`${kind} ${metadata.name}`] : []),
        ...Object.values(labels).filter((label) => label.length > 63),
      ];
    });
    expect(tooLong).toEqual([]);
  });

  test('shares none of them with a release of almost the same name', () => {
    const names = (release: string) => render('bulkhead', {}, { release }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const others = new Set(names(`${longest.slice(0, -1)}x`));
    expect(names(longest).filter((name) => others.has(name))).toEqual([]);
  });

  test('knows its services by the names of their accounts', () => {
    const objects = render('bulkhead', {}, { release: longest });
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-order'));
    const prefix = config?.['data'].SERVICE_IDENTITY_SUBJECT_PREFIX.split(':').at(-1) as string;
    for (const service of services) expect(accounts).toContain(`${prefix}${service}`);
  });

  test('is cut no earlier than it must be: other releases keep their names', () => {
    const name = 'x'.repeat(33);
    expect(render('bulkhead', {}, { release: name }).map(({ metadata }) => metadata.name)).toContain(`${name}-order`);
  });
});

test('the umbrella may be a part of another, whose global values it does not know', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-parent-'));
  try {
    expect(run('helm', ['package', chartPath('bulkhead'), '-d', join(folder, 'charts')]).status).toBe(0);
    const dependency = { name: 'bulkhead', version: '0.1.0', repository: '' };
    const chart = { apiVersion: 'v2', name: 'platform', version: '1.0.0', dependencies: [dependency] };
    writeFileSync(join(folder, 'Chart.yaml'), stringify(chart));
    const values = { global: { imageRegistry: 'registry.example', storageClass: 'fast', bulkhead: { any: 1 } } };
    const { status, stdout, stderr } = run('helm', ['template', 'shop', folder, '-f', '-'], JSON.stringify(values));
    expect([status, stderr.replace(/^level=INFO.*$/gm, '').trim()]).toEqual([0, '']);
    expect(stdout).toContain('name: shop-order-pods');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('helm keeps no file in the repository that its own commands make', () => {
  const ignored = readFileSync(join(repository, '.gitignore'), 'utf8');
  expect(ignored).toContain('charts/*/charts/*.tgz');
});

test('a service in a release of its own brings its dashboard and its rules, and in the umbrella leaves that to it', () => {
  const values = { monitoring: { dashboards: { enabled: true }, rules: { enabled: true }, runbooks: 'https://runbooks.acme.example/' } };
  const of = (chart: string, given: object) =>
    render(chart, given).filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'monitoring');
  for (const service of services) {
    const objects = of(service, values);
    expect(objects.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ConfigMap', `dashboard-service-${service}`],
      ['PrometheusRule', `alerts-${service}`],
    ]);
    expect(JSON.stringify(objects)).toContain('https://runbooks.acme.example/OutboxOld.md'.replace('OutboxOld', 'TargetDown'));
  }
  expect(of('bulkhead', { order: values })).toEqual([]);
});
