import { named, ofKind, render, type KubeObject } from '../helm';
import { podsOf, scenarios, objectsOf } from '../scenarios';

const podOf = (objects: readonly KubeObject[], kind: string, name: RegExp) => {
  const found = ofKind(objects, kind).find(({ metadata }) => name.test(metadata.name));
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found['spec'].template;
};

describe('what values hand through to the pods of a service and of its migration', () => {
  const objects = render('order', {
    extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy.example:3128' }],
    extraEnvFrom: [{ configMapRef: { name: 'site' } }],
    extraVolumes: [{ name: 'authorities', configMap: { name: 'authorities' } }],
    extraVolumeMounts: [{ name: 'authorities', mountPath: '/etc/authorities', readOnly: true }],
    extraContainers: [{ name: 'shipper', image: 'registry.example/shipper:1' }],
    initContainers: [{ name: 'wait', image: 'registry.example/wait:1' }],
    podSpec: { hostAliases: [{ ip: '10.0.0.7', hostnames: ['db.example'] }], securityContext: { supplementalGroups: [7] } },
  });

  test.each([
    ['the service', 'Deployment', /^order$/],
    ['its migration', 'Job', /^order-migrate-/],
  ])('comes to %s', (_what, kind, name) => {
    const { spec } = podOf(objects, kind, name);
    const [container] = spec.containers;
    expect(container.env).toContainEqual({ name: 'HTTPS_PROXY', value: 'http://proxy.example:3128' });
    expect(container.env.length).toBeGreaterThan(1);
    expect(container.envFrom).toContainEqual({ configMapRef: { name: 'site' } });
    expect(spec.volumes).toContainEqual({ name: 'authorities', configMap: { name: 'authorities' } });
    expect(spec.volumes).toContainEqual(expect.objectContaining({ name: 'tmp' }));
    expect(container.volumeMounts).toContainEqual({ name: 'authorities', mountPath: '/etc/authorities', readOnly: true });
    expect(spec.hostAliases).toEqual([{ ip: '10.0.0.7', hostnames: ['db.example'] }]);
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, supplementalGroups: [7] });
  });

  test('adds containers to the service, and none to its migration, which would not end', () => {
    const names = (template: any) => template.spec.containers.map(({ name }: any) => name);
    expect(names(podOf(objects, 'Deployment', /^order$/))).toEqual(['order', 'shipper']);
    expect(podOf(objects, 'Deployment', /^order$/).spec.initContainers).toHaveLength(1);
    expect(names(podOf(objects, 'Job', /^order-migrate-/))).toEqual(['migrate']);
  });
});

describe('what values hand through to everything', () => {
  const global = {
    labels: { 'cost-centre': 'shop' },
    annotations: { 'example.org/owner': 'team-shop' },
    podSpec: { dnsPolicy: 'Default', dnsConfig: { nameservers: ['10.0.0.10'] }, schedulerName: 'other' },
    jobs: { podLabels: { kind: 'job' }, podAnnotations: { 'linkerd.io/inject': 'disabled' } },
    monitoring: { enabled: true },
  };
  const values = { global, gateway: { exposure: { type: 'gateway', tlsSecret: 'tls', gateway: { className: 'eg' } } } };
  const objects = render('bulkhead', values, { release: 'shop' });

  test('labels and annotations of every object, and labels of every pod', () => {
    for (const { kind, metadata } of objects)
      expect([kind, metadata.name, metadata.labels['cost-centre'], metadata.annotations?.['example.org/owner']]).toEqual([
        kind,
        metadata.name,
        'shop',
        'team-shop',
      ]);
    for (const { name, template } of podsOf(objects)) expect([name, template.metadata.labels['cost-centre']]).toEqual([name, 'shop']);
  });

  test('neither reaches what selects, which cannot be changed', () => {
    for (const { spec } of objects)
      expect(JSON.stringify([spec?.selector ?? {}, spec?.podSelector ?? {}])).not.toContain('cost-centre');
  });

  test('the spec of every pod', () => {
    for (const { name, template } of podsOf(objects)) {
      expect([name, template.spec.dnsPolicy, template.spec.schedulerName]).toEqual([name, 'Default', 'other']);
      expect(template.spec.containers.length).toBeGreaterThan(0);
    }
  });

  test('labels and annotations of what ends, so that a mesh leaves it alone', () => {
    for (const { name, template } of podsOf(objects))
      expect([name, template.metadata.annotations?.['linkerd.io/inject'], template.metadata.labels.kind]).toEqual(
        /^(Job|CronJob|Pod) /.test(name) ? [name, 'disabled', 'job'] : [name, undefined, undefined],
      );
  });
});

test('annotations of the Deployment and of the Service that a load balancer reads, and of no other', () => {
  const objects = render('gateway', {
    annotations: { 'reloader.stakater.com/auto': 'true' },
    serviceAnnotations: { 'cloud.google.com/backend-config': '{"default":"shop"}' },
  });
  const annotated = (name: string) =>
    objects.filter(({ metadata }) => metadata.annotations?.[name]).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(annotated('reloader.stakater.com/auto')).toEqual(['Deployment gateway']);
  expect(annotated('cloud.google.com/backend-config')).toEqual(['Service gateway']);
});

describe('objects of one’s own', () => {
  const extraObjects = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'mine', namespace: '{{ .Release.Namespace }}', labels: { of: '{{ .Chart.Name }}' } },
      data: { count: '1' },
    },
  ];
  test.each(['bulkhead', 'infra', 'order'])('come with %s, once, with templates in them filled in', (chart) => {
    const found = render(chart, { extraObjects }, { namespace: 'elsewhere' }).filter(({ metadata }) => metadata.name === 'mine');
    expect(found).toEqual([
      { ...extraObjects[0], metadata: { name: 'mine', namespace: 'elsewhere', labels: { of: chart } } },
    ]);
  });
});

describe('the user of pods', () => {
  const users = (objects: readonly KubeObject[]) =>
    podsOf(objects).map(({ name, template: { spec } }) => ({
      name,
      ...spec.securityContext,
    }));

  test('is none of a node’s: over 10000, but for the servers of infra, whose images have their own', () => {
    for (const scenario of scenarios)
      for (const { name, runAsUser, runAsGroup, fsGroup } of users(objectsOf(scenario)))
        expect([name, runAsUser, runAsGroup, fsGroup]).toEqual([
          name,
          ...Array<number>(3).fill(/^StatefulSet .*(postgresql|rabbitmq)$/.test(name) ? 999 : 10_001),
        ]);
  });

  test('is left to the namespace where values say so, as OpenShift wants it', () => {
    for (const user of users(render('bulkhead', { global: { runAsUser: '' } }))) {
      expect(Object.keys(user)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(runAs(User|Group)|fsGroup)/)]));
      expect(user.runAsNonRoot).toBe(true);
    }
  });
});

describe('resources', () => {
  test('are asked for in ephemeral storage too', () => {
    for (const scenario of scenarios.filter(({ chart }) => chart === 'bulkhead'))
      for (const { name, template } of podsOf(objectsOf(scenario)))
        if (!/^StatefulSet .*(postgresql|rabbitmq)$/.test(name))
          expect([name, template.spec.containers[0].resources.requests['ephemeral-storage']]).toEqual([
            name,
            expect.stringMatching(/Mi$/),
          ]);
  });

  test('can be limited in CPU and ephemeral storage, of Jobs too, where a quota wants that', () => {
    const limits = { cpu: '1', memory: '384Mi', 'ephemeral-storage': '256Mi' };
    const objects = render('bulkhead', {
      global: { jobs: { resources: { limits } } },
      order: { resources: { limits } },
    }, { release: 'shop' });
    const limitsOf = (kind: string, name: RegExp) => podOf(objects, kind, name).spec.containers[0].resources.limits;
    expect(limitsOf('Deployment', /^shop-order$/)).toEqual(limits);
    expect(limitsOf('Job', /^shop-order-migrate-/)).toEqual(limits);
    expect(limitsOf('Job', /^shop-infra-credentials$/)).toEqual(limits);
    expect(named(objects, 'Pod', 'shop-shopper')['spec'].containers[0].resources.limits).toEqual(limits);
  });
});
