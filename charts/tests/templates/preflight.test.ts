import { named, ofKind, productionValues, render, type KubeObject } from '../helm';
import { serviceDeployments, services, withDatabase } from '../scenarios';

const options = { release: 'shop', files: ['values-production.yaml'] };
const install = render('bulkhead', productionValues, options);
const upgrade = render('bulkhead', productionValues, { ...options, upgrade: true });
const development = render('bulkhead', {}, { release: 'shop' });

const hook = ({ metadata }: KubeObject) => ({
  events: metadata.annotations?.['helm.sh/hook']?.split(',') ?? [],
  weight: Number(metadata.annotations?.['helm.sh/hook-weight']),
});
const jobOf = (objects: readonly KubeObject[], service: string) => named(objects, 'Job', `shop-${service}-preflight`);
const testOf = (objects: readonly KubeObject[], service: string) => named(objects, 'Pod', `shop-${service}-preflight-test`);
const podOf = (object: KubeObject): any => (object.kind === 'Pod' ? object['spec'] : object['spec'].template.spec);
const environmentOf = (object: KubeObject) =>
  Object.fromEntries(podOf(object).containers[0].env.map(({ name, value }: any) => [name, value]));

describe.each([
  ['an install', install, 'pre-install'],
  ['an upgrade', upgrade, 'pre-upgrade'],
])('before %s of production', (_what, objects, event) => {
  test.each(services)('preflight of %s comes after what it needs, and before all that changes something', (service) => {
    const job = jobOf(objects, service);
    const account = named(objects, 'ServiceAccount', podOf(job).serviceAccountName);
    const policy = named(objects, 'NetworkPolicy', `shop-${service}-preflight`);
    for (const object of [job, account, policy]) expect(hook(object).events).toContain(event);
    for (const needed of [account, policy]) expect(hook(needed).weight).toBeLessThan(hook(job).weight);
    const credentials = ofKind(objects, 'Job').filter(({ metadata }) => metadata.name.endsWith('-credentials'));
    for (const before of credentials) expect(hook(before).weight).toBeLessThan(hook(job).weight);
    const migrations = ofKind(objects, 'Job').filter(({ metadata }) => metadata.name.includes('-migrate-'));
    expect(migrations).toHaveLength(withDatabase.length);
    for (const { metadata } of migrations)
      // Ordinary objects come after all hooks.
      expect(Number(metadata.annotations?.['helm.sh/hook-weight'] ?? Infinity)).toBeGreaterThan(hook(job).weight);
  });

  test('nothing of it needs what only the release brings', () => {
    for (const service of services) {
      const text = JSON.stringify(podOf(jobOf(objects, service)));
      expect(text).not.toContain('configMapRef');
      const brought = objects.filter(({ metadata }) => !metadata.annotations?.['helm.sh/hook']);
      for (const { metadata } of brought.filter(({ kind }) => ['ServiceAccount', 'Secret'].includes(kind)))
        expect(text).not.toContain(`"${metadata.name}"`);
    }
  });
});

test.each(services)('preflight of %s has the very configuration that the service has', (service) => {
  const deployment = serviceDeployments(install).get(service)!;
  const [container] = deployment['spec'].template.spec.containers;
  const expected = {
    ...named(install, 'ConfigMap', `shop-${service}`)['data'],
    ...Object.fromEntries((container.env ?? []).map(({ name, value }: any) => [name, value])),
  };
  const volumes = (pod: any) => pod.volumes.filter(({ name }: any) => name !== 'secrets');
  for (const object of [jobOf(install, service), testOf(install, service)]) {
    const { MIGRATION_DATABASE_URL_FILE: owner, ...environment } = environmentOf(object);
    expect(environment).toEqual(expected);
    expect(owner !== undefined).toBe(object.kind === 'Job' && withDatabase.includes(service));
    expect(volumes(podOf(object))).toEqual(volumes(deployment['spec'].template.spec));
    expect(podOf(object).containers[0].volumeMounts).toEqual(container.volumeMounts);
    expect(podOf(object).containers[0].image).toBe(container.image);
  }
});

test('the owner’s URL is where the migration has it, and its file is beside the others', () => {
  const { projected } = podOf(jobOf(install, 'notification')).volumes.find(({ name }: any) => name === 'secrets');
  expect(projected.sources.map(({ secret }: any) => [secret.name, secret.items])).toContainEqual([
    'pg-notification-owner',
    [{ key: 'owner-url', path: 'MIGRATION_DATABASE_URL' }],
  ]);
});

test('it counts as many pods as there may be', () => {
  const pods = (objects: readonly KubeObject[], service: string) => podOf(jobOf(objects, service)).containers[0].args;
  expect(pods(install, 'order')).toEqual(['preflight', '--before-migrations', '--pods', '8']);
  expect(pods(install, 'profile')).toEqual(['preflight', '--before-migrations', '--pods', '2']);
  expect(podOf(testOf(development, 'order')).containers[0].args).toEqual(['preflight', '--pods', '1']);
});

describe('as a test of Helm’s', () => {
  test.each(services)('%s is itself, and goes where it goes, and nowhere else', (service) => {
    const pod = testOf(development, service);
    expect(hook(pod).events).toEqual(['test']);
    expect(podOf(pod).serviceAccountName).toBe(`shop-${service}`);
    const policy = named(development, 'NetworkPolicy', `shop-${service}-preflight`);
    expect(hook(policy)).toEqual({ events: ['test'], weight: -30 });
    expect(policy['spec'].egress).toEqual(named(development, 'NetworkPolicy', `shop-${service}`)['spec'].egress);
    expect(policy['spec'].podSelector.matchLabels).toEqual(
      Object.fromEntries(
        ['name', 'part-of', 'component'].map((key) => [`app.kubernetes.io/${key}`, pod.metadata.labels[`app.kubernetes.io/${key}`]]),
      ),
    );
    // A Service would send it requests otherwise.
    expect(pod.metadata.labels['app.kubernetes.io/component']).not.toBe('service');
  });

  test('is let in wherever its service is', () => {
    for (const { metadata, spec } of ofKind(development, 'NetworkPolicy'))
      for (const { from = [] } of spec.ingress ?? []) {
        const names = (component: string) =>
          from
            .map(({ podSelector }: any) => podSelector?.matchLabels)
            .filter((labels: any) => labels?.['app.kubernetes.io/component'] === component)
            .map((labels: any) => labels['app.kubernetes.io/name'])
            .sort();
        const callers = names('service').filter(
          // The gateway is called by people, and lets in what calls it back.
          (name: string) => name !== 'gateway' || metadata.name !== 'shop-gateway',
        );
        expect([metadata.name, names('preflight')]).toEqual([metadata.name, callers]);
      }
  });
});

describe('the Job', () => {
  const jobs = (values: object, more: object = {}) =>
    ofKind(render('order', values, more), 'Job').filter(({ metadata }) => metadata.name.endsWith('-preflight'));

  test('is not there in development, where the servers come with the release', () => {
    expect(jobs({})).toEqual([]);
    expect(jobs({ preflight: { enabled: true } })).toEqual([]);
    expect(jobs({ preflight: { enabled: true } }, { upgrade: true })).toHaveLength(1);
    expect(jobs({ preflight: { enabled: true }, database: { existingSecret: 'pg' } })).toHaveLength(1);
  });

  test('can be left out of production, and its tests too', () => {
    const objects = render('bulkhead', { ...productionValues, order: { ...productionValues['order' as never] as object, preflight: { enabled: false, test: false } } }, options);
    expect(objects.filter(({ metadata }) => metadata.name.startsWith('shop-order-preflight'))).toEqual([]);
  });

  test('has what values hand through to the pods of its service', () => {
    const [job] = jobs({
      database: { existingSecret: 'pg' },
      preflight: { enabled: true },
      extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy.example:3128' }],
      podSpec: { hostAliases: [{ ip: '10.0.0.7', hostnames: ['db.example'] }] },
    });
    expect(environmentOf(job!)).toMatchObject({ HTTPS_PROXY: 'http://proxy.example:3128' });
    expect(podOf(job!).hostAliases).toHaveLength(1);
  });
});
