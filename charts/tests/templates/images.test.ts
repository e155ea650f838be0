import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { named, ofKind, render, run } from '../helm';
import { parts, podsOf } from '../scenarios';

const imageOf = (values: object) =>
  named(render('order', values), 'Deployment', 'order')['spec'].template.spec.containers[0].image as string;

test('an image is registry, repository, service and tag', () => {
  const image = { registry: 'registry.example', repository: 'team/shop', tag: '1.2.3' };
  expect(imageOf({ global: { image } })).toBe('registry.example/team/shop/order:1.2.3');
});

test('the tag is the release that the chart was made with', () => {
  expect(imageOf({})).toMatch(/^docker\.io\/bulkhead\/order:\d+\.\d+\.\d+$/);
});

test('a service’s own repository and tag win over those of all', () => {
  const image = { repository: 'other.example/order-fork', tag: '9' };
  expect(imageOf({ global: { image: { tag: '1.2.3' } }, image })).toBe('other.example/order-fork:9');
});

test('a digest wins over every tag', () => {
  const digest = `sha256:${'0a'.repeat(32)}`;
  expect(imageOf({ image: { tag: '1.2.3', digest } })).toBe(`docker.io/bulkhead/order@${digest}`);
});

test('the Jobs’ image can be named alone, also by digest', () => {
  const digest = `sha256:${'0b'.repeat(32)}`;
  const jobs = podsOf(ofKind(render('infra', { global: { jobsImage: { digest } } }), 'Job'));
  expect(jobs.length).toBeGreaterThan(0);
  for (const { template } of jobs)
    expect(template.spec.containers[0].image).toBe(`docker.io/bulkhead/chart-jobs@${digest}`);
});

test('every pod pulls with the Secrets that are named', () => {
  for (const { template } of podsOf(render('bulkhead', { global: { image: { pullSecrets: ['registry'] } } })))
    expect(template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
});

test('a service’s own registry keeps the rest of the name', () => {
  const image = { registry: 'mirror.example' };
  expect(imageOf({ global: { image: { tag: '1.2.3' } }, image })).toBe('mirror.example/bulkhead/order:1.2.3');
});

describe('released charts', () => {
  const digest = (app: string) => `sha256:${Buffer.from(app.padEnd(32, '.')).toString('hex').slice(0, 64)}`;
  let released: string;

  beforeAll(() => {
    released = mkdtempSync(join(tmpdir(), 'bulkhead-released-'));
    mkdirSync(join(released, 'digests'));
    for (const app of ['chart-jobs', ...parts]) writeFileSync(join(released, 'digests', app), digest(app));
    const options = ['--images', 'ghcr.io/them/bulkhead', '--digests', join(released, 'digests'), '--out', join(released, 'out')];
    expect(run(process.execPath, ['tools/release/release-charts.ts', ...options])).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => rmSync(released, { recursive: true, force: true }));

  const imagesIn = (chart: string, values: object = {}): string[] => {
    const archive = readdirSync(join(released, 'out')).find((name) => name.startsWith(`${chart}-`))!;
    const { stdout } = run('helm', ['template', 'shop', join(released, 'out', archive), '-f', '-'], JSON.stringify(values));
    return [...new Set([...stdout.matchAll(/^ *image: (\S*\/(?:chart-jobs|order)[@:]\S+)$/gm)].map(([, image]) => image!))].sort();
  };
  const both = (name: (app: string) => string) => [name('chart-jobs'), name('order')];

  test.each(['bulkhead', 'order'])('name what was tested, by digest: %s', (chart) => {
    const found = imagesIn(chart);
    expect(found).toContain(`ghcr.io/them/bulkhead/order@${digest('order')}`);
    if (chart === 'bulkhead') expect(found).toContain(`ghcr.io/them/bulkhead/chart-jobs@${digest('chart-jobs')}`);
  });

  test('take it from a mirror that values name', () => {
    const image = { registry: 'mirror.example', repository: 'proxied/bulkhead' };
    expect(imagesIn('bulkhead', { global: { image } })).toEqual(
      both((app) => `mirror.example/proxied/bulkhead/${app}@${digest(app)}`),
    );
    expect(imagesIn('order', { image: { registry: 'mirror.example' } })).toEqual([
      `mirror.example/them/bulkhead/order@${digest('order')}`,
    ]);
  });

  test('take the tag that values name, for all or for one', () => {
    expect(imagesIn('bulkhead', { global: { image: { tag: '1.2.3' } } })).toEqual(
      both((app) => `ghcr.io/them/bulkhead/${app}:1.2.3`),
    );
    expect(imagesIn('bulkhead', { order: { image: { tag: '1.2.3' } } })).toContain('ghcr.io/them/bulkhead/order:1.2.3');
  });
});
