import { createHash } from 'node:crypto';
import { named, render } from '../helm';
import { breaches } from '../restricted';
import { objectsOf, podsOf, scenarios, serviceDeployments, services } from '../scenarios';

const [defaults] = scenarios;
const production = scenarios.find(({ name }) => name === 'production');
if (!defaults || !production) throw new Error('scenarios are missing');

describe.each(scenarios)('$name', (scenario) => {
  test('runs where the restricted pod security standard is enforced', () => {
    const found = podsOf(objectsOf(scenario)).map(({ name, template }) => [name, breaches(template)]);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(([, each]) => (each?.length ?? 0) > 0)).toEqual([]);
  });

  test('names every image by a release or a digest, and none of Bitnami', () => {
    const images = podsOf(objectsOf(scenario)).flatMap(({ template }) =>
      [...(template.spec.initContainers ?? []), ...template.spec.containers].map(({ image }) => image as string),
    );
    for (const image of images) {
      expect(image).toMatch(/(:\d[\w.-]+|@sha256:[0-9a-f]{64})$/);
      expect(image).not.toMatch(/bitnami/);
    }
  });

  test('gives a token of the API server only to the Jobs that make Secrets', () => {
    for (const { name, template } of podsOf(objectsOf(scenario)))
      expect([name, template.spec.automountServiceAccountToken]).toEqual([name, name.endsWith('-credentials')]);
  });

  test('has the recommended labels everywhere, and no version in what selects', () => {
    for (const object of objectsOf(scenario)) {
      expect(Object.keys(object.metadata.labels)).toEqual(
        expect.arrayContaining(
          ['name', 'instance', 'version', 'managed-by', 'part-of', 'component'].map(
            (label) => `app.kubernetes.io/${label}`,
          ),
        ),
      );
      const selector = object['spec']?.selector?.matchLabels ?? object['spec']?.podSelector?.matchLabels ?? {};
      expect(Object.keys(selector)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/version|chart|instance/)]),
      );
    }
  });
});

describe.each(services)('a pod of %s', (service) => {
  const deployment = serviceDeployments(objectsOf(defaults)).get(service);
  const spec = deployment?.['spec'].template.spec;
  const [container] = spec.containers;

  test('is asked three different things: whether it has begun, can serve, and lives', () => {
    const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
    expect(probes.map(({ httpGet }) => [httpGet.path, httpGet.port])).toEqual([
      ['/startupz', 'admin'],
      ['/readyz', 'admin'],
      ['/livez', 'admin'],
    ]);
    // A pod that cannot serve leaves long before it is killed.
    const seconds = ({ periodSeconds, failureThreshold }: Record<string, number>) =>
      (periodSeconds ?? 0) * (failureThreshold ?? 0);
    expect(seconds(container.readinessProbe)).toBeLessThan(seconds(container.livenessProbe) / 5);
    // One that is only slow, because the processor is short, stays: were it the last, nobody would be served at all.
    const { timeoutSeconds, periodSeconds, failureThreshold } = container.readinessProbe;
    expect(Math.max(timeoutSeconds, periodSeconds) * failureThreshold).toBeGreaterThanOrEqual(20);
  });

  test('has time to serve on and to end what is open before it is killed', () => {
    const { seconds } = container.lifecycle.preStop.sleep;
    const drain = Number(objectsOf(defaults).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === deployment?.metadata.name)?.['data'].SHUTDOWN_GRACE_MS) / 1000;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds + drain);
  });

  test('is replaced without a gap', () => {
    expect(deployment?.['spec'].strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  });

  test('asks for CPU and memory, and is limited in memory only', () => {
    expect(Object.keys(container.resources.limits)).toEqual(['memory']);
  });

  test('has an account and, for each peer, a token of its own', () => {
    expect(spec.serviceAccountName).toBe(`shop-${service}`);
    named(objectsOf(defaults), 'ServiceAccount', `shop-${service}`);
    const identity = spec.volumes.find(({ name }: { name: string }) => name === 'identity');
    for (const { serviceAccountToken: token } of identity.projected.sources)
      expect(token).toMatchObject({ audience: token.path, expirationSeconds: 3600 });
    // Its own says who issues them: no cluster has the issuer of another.
    expect(identity.projected.sources.map(({ serviceAccountToken: { path } }: any) => path)).toContain(service);
    expect(container.volumeMounts).toContainEqual(
      { name: 'identity', mountPath: '/var/run/bulkhead/identity', readOnly: true },
    );
  });

  test('has a token for the API server, and a way to it, only to fetch the keys of its callers’ tokens', () => {
    const tokens = spec.volumes.flatMap(({ projected }: any) => projected?.sources ?? [])
      .filter(({ serviceAccountToken: token }: any) => token && !token.audience);
    const policy = named(objectsOf(defaults), 'NetworkPolicy', `shop-${service}`)['spec'];
    const isCalled = service !== 'gateway';
    expect([tokens.length, JSON.stringify(policy.egress).includes('6443')]).toEqual([isCalled ? 1 : 0, isCalled]);
  });

  test('is told another issuer than its token’s only by whom the cluster has two', () => {
    const told = (issuer: string) =>
      (named(render(service, { global: { identity: { issuer } } }), 'ConfigMap', service) as any).data
        .SERVICE_IDENTITY_ISSUER;
    expect([told(''), told('https://issuer.example')]).toEqual([undefined, 'https://issuer.example']);
  });

  test('writes only to a bounded /tmp', () => {
    expect(spec.volumes).toContainEqual({ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } });
    expect(container.volumeMounts.filter(({ readOnly }: { readOnly?: boolean }) => !readOnly)).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
    ]);
  });

  test('is spread over zones and nodes', () => {
    expect(spec.topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual(
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
    );
  });

  test('restarts only when its configuration changes', () => {
    const checksum = (values: object) =>
      named(render(service, values), 'Deployment', service)['spec'].template.metadata.annotations['checksum/config'];
    const before = checksum({});
    expect(before).toHaveLength(createHash('sha256').digest('hex').length);
    expect(checksum({ resources: { requests: { cpu: '1' } } })).toBe(before);
    expect(checksum({ global: { logLevel: 'debug' } })).not.toBe(before);
  });

  test('goes where it is told', () => {
    const placement = {
      priorityClassName: 'high',
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'shop', operator: 'Exists' }],
      affinity: { podAntiAffinity: {} },
    };
    expect(named(render(service, placement), 'Deployment', service)['spec'].template.spec).toMatchObject(placement);
  });
});

describe.each(services)('%s in production', (service) => {
  const objects = objectsOf(production);

  test('runs at least twice', () => {
    const replicas = serviceDeployments(objects).get(service)?.['spec'].replicas as number | undefined;
    const scaler = objects.find(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === `shop-${service}`);
    expect(replicas === undefined).toBe(scaler !== undefined);
    expect(replicas ?? scaler?.['spec'].minReplicas).toBeGreaterThanOrEqual(2);
  });

  test('lets nodes be drained, also of pods that do not work', () => {
    expect(named(objects, 'PodDisruptionBudget', `shop-${service}`)['spec']).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('asks for a core where it scales by CPU', () => {
    const scaler = objects.find(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === `shop-${service}`);
    const [container] = serviceDeployments(objects).get(service)?.['spec'].template.spec.containers ?? [];
    if (scaler) expect(container.resources.requests.cpu).toBe('1');
    else expect(container.resources.requests.cpu).toBe('50m');
  });

  test('runs in production’s mode, with no faults, seed or development’s issuer', () => {
    const { data } = named(objects, 'ConfigMap', `shop-${service}`) as unknown as { data: Record<string, string> };
    expect(data['NODE_ENV']).toBe('production');
    expect(Object.keys(data)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(FAULTS|SEED|AUTH_ADMIN_EMAIL|SERVICE_IDENTITY_ISSUER)$/)]),
    );
  });
});
