import { named, ofKind, render } from '../helm';
import { podsOf } from '../scenarios';

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
