import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicApis } from '@bulkhead/contracts/apis';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import { parseAllDocuments } from 'yaml';
import { named, ofKind, productionValues, refusal, render, renderProduction, repository, type KubeObject } from '../helm';
import { withDatabase } from '../scenarios';

const isMigration = ({ metadata }: KubeObject) => metadata.name.includes('-migrate-');
const install = render('bulkhead', {}, { release: 'shop' });
const upgrade = render('bulkhead', {}, { release: 'shop', upgrade: true });

describe('migrations', () => {
  test('are ordinary Jobs on an install, since the database comes with the same release', () => {
    const jobs = ofKind(install, 'Job').filter(isMigration);
    expect(jobs).toHaveLength(withDatabase.length);
    for (const { metadata } of jobs) expect(metadata.annotations).not.toHaveProperty('helm.sh/hook');
  });

  test('are done before an upgrade, after databases and roles are there, so that a failure leaves the old version', () => {
    const weight = (job: KubeObject | undefined) => Number(job?.metadata.annotations?.['helm.sh/hook-weight']);
    const jobs = ofKind(upgrade, 'Job');
    const order = ['infra-credentials', 'infra-provision', 'order-migrate'].map((name) =>
      weight(jobs.find(({ metadata }) => metadata.name.includes(name))),
    );
    expect(order).toEqual([...order].sort((one, other) => one - other));
    for (const { metadata } of jobs.filter(isMigration))
      expect(metadata.annotations?.['helm.sh/hook']).toMatch(/^pre-upgrade/);
  });

  test('are hooks for Argo CD, which renders every sync as an install', () => {
    for (const { metadata } of ofKind(install, 'Job').filter(isMigration))
      expect(metadata.annotations).toMatchObject({
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
      });
  });

  test('have another name with another image, since a Job cannot be changed', () => {
    const name = (tag: string) => ofKind(render('order', { image: { tag } }), 'Job').find(isMigration)?.metadata.name;
    expect(name('1.0.0')).not.toBe(name('1.0.1'));
  });
});

test('every Job ends: it has a limit on attempts and time, and goes away', () => {
  for (const { spec } of [...ofKind(install, 'Job'), ...ofKind(upgrade, 'Job')]) {
    expect(spec.backoffLimit).toBeGreaterThanOrEqual(0);
    expect(spec.activeDeadlineSeconds).toBeGreaterThan(0);
    expect(spec.ttlSecondsAfterFinished).toBeGreaterThan(0);
  }
});

test('every hook says when it is deleted', () => {
  for (const { metadata } of upgrade)
    if (metadata.annotations?.['helm.sh/hook'])
      expect(metadata.annotations['helm.sh/hook-delete-policy']).toMatch(/before-hook-creation/);
});

test('helm test walks through buying something', () => {
  const pod = named(install, 'Pod', 'shop-shopper');
  expect(pod.metadata.annotations?.['helm.sh/hook']).toBe('test');
  expect(pod['spec'].containers[0]).toMatchObject({ args: ['shopper'], env: [{ name: 'SHOP_URL', value: 'http://shop-gateway:8080' }] });
});

describe('the way in', () => {
  const exposed = (exposure: object) => render('gateway', { exposure });

  test('is none by default', () => {
    expect(install.filter(({ kind }) => ['Gateway', 'HTTPRoute', 'Ingress'].includes(kind))).toEqual([]);
  });

  const created = (values: object = {}) =>
    exposed({ type: 'gateway', host: 'shop.example', tlsSecret: 'tls', gateway: { className: 'eg' }, ...values });
  const ours = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gateway' };

  test('is a Gateway whose listeners say for which host they are, so that cert-manager makes the certificate', () => {
    const allowedRoutes = { namespaces: { from: 'Same' } };
    expect(named(created(), 'Gateway', 'gateway')['spec']).toEqual({
      gatewayClassName: 'eg',
      listeners: [
        { name: 'http', protocol: 'HTTP', port: 80, hostname: 'shop.example', allowedRoutes },
        {
          name: 'https',
          protocol: 'HTTPS',
          port: 443,
          hostname: 'shop.example',
          allowedRoutes,
          tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'tls' }] },
        },
      ],
    });
  });

  test('sends people who type http:// on to https://', () => {
    expect(named(created(), 'HTTPRoute', 'gateway-redirect')['spec']).toEqual({
      parentRefs: [{ ...ours, sectionName: 'http' }],
      hostnames: ['shop.example'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }],
        },
      ],
    });
    expect(named(created(), 'HTTPRoute', 'gateway')['spec'].parentRefs).toEqual([{ ...ours, sectionName: 'https' }]);
  });

  test('is plain where there is no certificate', () => {
    const objects = created({ tlsSecret: '' });
    expect(named(objects, 'Gateway', 'gateway')['spec'].listeners.map(({ name }: any) => name)).toEqual(['http']);
    expect(ofKind(objects, 'HTTPRoute').map(({ spec }) => spec.parentRefs)).toEqual([[{ ...ours, sectionName: 'http' }]]);
  });

  test('lets event streams stay open, however short other requests may be', () => {
    const objects = created({ gateway: { className: 'eg', requestTimeout: '15s' } });
    const backendRefs = [{ group: '', kind: 'Service', name: 'gateway', port: 8080, weight: 1 }];
    const { rules } = named(objects, 'HTTPRoute', 'gateway')['spec'];
    const at = (...paths: string[]) => paths.map((value) => ({ path: { type: 'PathPrefix', value } }));
    expect(rules).toEqual([
      { matches: at('/api/v1/notifications/stream', '/api/v1/orders'), backendRefs, timeouts: { request: '0s' } },
      { matches: at('/.well-known', '/api'), backendRefs, timeouts: { request: '15s' } },
      { matches: at('/'), backendRefs: [{ ...backendRefs[0], name: 'storefront' }] },
    ]);
    for (const endpoint of Object.values(publicApis).flatMap((api): Endpoint[] => Object.values(api)))
      for (const rule of endpoint.stream ? [rules[0], rules[1]] : [rules[1]])
        expect(rule.matches.some(({ path }: any) => `${endpoint.path}/`.startsWith(`${path.value}/`))).toBe(true);
  });

  test('is a route at a Gateway of one’s own', () => {
    const parentRefs = [{ name: 'shared', namespace: 'gateways' }];
    const exposure = { type: 'gateway', gateway: { create: false, parentRefs } };
    const objects = render('gateway', { exposure, config: { TRUSTED_HOPS: 2 } });
    expect(ofKind(objects, 'Gateway')).toEqual([]);
    expect(named(objects, 'HTTPRoute', 'gateway')['spec'].parentRefs).toEqual([
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...parentRefs[0] },
    ]);
  });

  test.each<[string, object, object, string | undefined]>([
    ['a Gateway', { type: 'gateway', gateway: { className: 'eg' } }, {}, '1'],
    ['an Ingress', { type: 'ingress' }, {}, '1'],
    ['an Ingress behind a load balancer', { type: 'ingress' }, { TRUSTED_HOPS: 2 }, '2'],
    ['nothing', { type: 'none' }, {}, undefined],
  ])('tells the gateway whose word about a client’s address counts: that of %s', (_what, exposure, config, hops) => {
    const { data } = named(render('gateway', { exposure, config }), 'ConfigMap', 'gateway') as any;
    expect(data.TRUSTED_HOPS).toBe(hops);
  });

  test('may have a load balancer before it that keeps its connections for longer than the gateway', () => {
    const { data } = named(render('gateway', { config: { KEEP_ALIVE_TIMEOUT_MS: 620_000 } }), 'ConfigMap', 'gateway') as any;
    expect(data.KEEP_ALIVE_TIMEOUT_MS).toBe('620000');
  });

  test('is an Ingress', () => {
    const objects = exposed({ type: 'ingress', host: 'shop.example', tlsSecret: 'tls', ingress: { className: 'traefik' } });
    expect(named(objects, 'Ingress', 'gateway')['spec']).toMatchObject({
      ingressClassName: 'traefik',
      tls: [{ secretName: 'tls', hosts: ['shop.example'] }],
      rules: [{ host: 'shop.example' }],
    });
  });
});

test('the proxy on kind can be reached by each node’s port, whichever node it runs on', () => {
  const documents = parseAllDocuments(readFileSync(join(repository, 'k8s/gateway.yaml'), 'utf8'));
  const proxy = documents.map((document) => document.toJS()).find(({ kind }) => kind === 'EnvoyProxy');
  expect(proxy.spec.provider.kubernetes.envoyService).toMatchObject({
    type: 'NodePort',
    externalTrafficPolicy: 'Cluster',
  });
});

test('relabelings say what the API server would add', () => {
  const monitors = ofKind(render('bulkhead', { global: { monitoring: { enabled: true } } }), 'ServiceMonitor');
  for (const { spec } of monitors)
    for (const { relabelings } of spec.endpoints)
      for (const relabeling of relabelings) expect(relabeling).toMatchObject({ action: 'replace' });
});

describe('scaling', () => {
  test('in production is by CPU where many look, search and buy, alike for product and search, and leaves payment alone', () => {
    const scalers = ofKind(renderProduction(), 'HorizontalPodAutoscaler');
    const limits = Object.fromEntries(
      scalers.map(({ spec }) => [spec.scaleTargetRef.name, [spec.minReplicas, spec.maxReplicas]]),
    );
    expect(limits).toEqual({
      'bulkhead-gateway': [2, 10],
      'bulkhead-auth': [2, 6],
      'bulkhead-product': [2, 6],
      'bulkhead-search': [2, 6],
      'bulkhead-inventory': [2, 6],
      'bulkhead-order': [2, 8],
    });
    const [product, search] = ['product', 'search'].map((name) => {
      const { metrics, behavior } = named(scalers, 'HorizontalPodAutoscaler', `bulkhead-${name}`)['spec'];
      return { metrics, behavior };
    });
    expect(search).toEqual(product);
  });

  test('by CPU leaves the number of pods to the autoscaler', () => {
    const objects = render('order', { autoscaling: { type: 'cpu', min: 3, max: 9 } });
    expect(named(objects, 'Deployment', 'order')['spec']).not.toHaveProperty('replicas');
    expect(named(objects, 'HorizontalPodAutoscaler', 'order')['spec']).toMatchObject({ minReplicas: 3, maxReplicas: 9 });
  });

  test('by queue follows the depth and age of each queue that is read, and CPU', () => {
    const queue = { existingSecret: 'broker-management', age: { seconds: 30, prometheus: 'http://prometheus:9090' } };
    const objects = render('notification', { autoscaling: { type: 'queue', queue } });
    expect(named(objects, 'Deployment', 'notification')['spec']).not.toHaveProperty('replicas');
    const { triggers } = named(objects, 'ScaledObject', 'notification')['spec'];
    expect(triggers.filter(({ type }: any) => type === 'rabbitmq').map(({ metadata }: any) => metadata.queueName)).toEqual(
      ['bulkhead.notification.orders', 'bulkhead.notification.users', 'bulkhead.notification.erasure'],
    );
    expect(triggers.find(({ type }: any) => type === 'prometheus').metadata.query).toContain(
      'group=~"notification.orders|notification.users|notification.erasure"',
    );
    expect(triggers.map(({ type }: any) => type)).toContain('cpu');
  });
});

describe('pods × pool stays 20 % under the connections of the database', () => {
  test('by default', () => {
    const pods = ofKind(install, 'Deployment').filter(({ metadata }) => withDatabase.includes(metadata.labels['app.kubernetes.io/name'] ?? ''));
    const pool = (name: string) => Number((named(install, 'ConfigMap', name) as any).data.DATABASE_POOL_SIZE);
    // One pod more of each while a new version comes up.
    const most = pods.reduce((sum, { metadata, spec }) => sum + (spec.replicas + 1) * pool(metadata.name), 0);
    const { args } = named(install, 'StatefulSet', 'shop-postgresql')['spec'].template.spec.containers[0];
    expect(most).toBeLessThanOrEqual(0.8 * Number(args.at(-1).split('=')[1]));
  });

  test('also with an external database, if its limit is set', () => {
    const values = { ...productionValues, global: { ...productionValues.global, database: { maxConnections: 100 } } };
    expect(refusal('bulkhead', values, { files: ['values-production.yaml'] }).replaceAll('\n', ' ')).toMatch(
      /more than 80 % of global.database.maxConnections \(100\); raise it, or lower replicas or database.poolSize/,
    );
  });
});

test('monitors carry the labels by which Prometheus finds them, and scrape a Service of their own', () => {
  const objects = render('order', { global: { monitoring: { enabled: true, labels: { release: 'prometheus' } } } });
  expect(named(objects, 'ServiceMonitor', 'order').metadata.labels).toMatchObject({ release: 'prometheus' });
  expect(named(objects, 'Service', 'order-admin')['spec'].ports).toEqual([{ name: 'admin', port: 9090, targetPort: 'admin' }]);
  expect(named(objects, 'Service', 'order')['spec'].ports.map(({ port }: any) => port)).toEqual([8080]);
});

test('a service in production is on two nodes, and not for five minutes on one that is lost', () => {
  const services = ofKind(renderProduction(), 'Deployment');
  expect(services.length).toBeGreaterThan(8);
  for (const { metadata, spec } of services) {
    const { tolerations = [], topologySpreadConstraints = [] } = spec.template.spec;
    const leavesAfter = tolerations.map(({ tolerationSeconds }: { tolerationSeconds: number }) => tolerationSeconds);
    expect([metadata.name, leavesAfter.length, Math.max(...leavesAfter) <= 30]).toEqual([metadata.name, 2, true]);
    expect(topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ]);
  }
});
