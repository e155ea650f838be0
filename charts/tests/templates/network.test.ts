import { named, ofKind, productionValues, render, type KubeObject } from '../helm';
import { objectsOf, parts, podsOf, scenarios, services, withDatabase } from '../scenarios';

type Labels = Readonly<Record<string, string>>;
const matches = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([label, value]) => labels[label] === value);

const defaults = render('bulkhead', {}, { release: 'shop' });
const policy = (name: string, objects: readonly KubeObject[] = defaults) =>
  named(objects, 'NetworkPolicy', `shop-${name}`)['spec'];
const peersOf = (rules: any[], direction: 'from' | 'to', port: number) =>
  rules
    .filter(({ ports }) => ports.some((each: any) => each.port === port))
    .flatMap((rule) => (rule[direction] ?? []) as any[])
    .map(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/name'] as string)
    .filter(Boolean)
    .sort();

describe.each(scenarios.filter(({ chart }) => chart === 'bulkhead'))('$name', (scenario) => {
  const objects = objectsOf(scenario);
  const policies = ofKind(objects, 'NetworkPolicy');

  test('has for every pod a policy of its own, of both directions', () => {
    for (const { name, template } of podsOf(objects)) {
      const own = policies.filter(
        ({ metadata, spec }) =>
          // The simulated provider brings the gateway's leave to take its webhooks along.
          !/-(default-deny|provider-webhooks)$/.test(metadata.name) &&
          matches(spec.podSelector.matchLabels, template.metadata.labels),
      );
      expect([name, own.length]).toEqual([name, 1]);
      expect(own[0]?.['spec'].policyTypes).toEqual(['Ingress', 'Egress']);
    }
  });

  test('denies everything to a pod of the shop that no other policy knows', () => {
    const { spec } = named(policies, 'NetworkPolicy', 'shop-default-deny');
    expect([spec.ingress, spec.egress]).toEqual([undefined, undefined]);
    for (const { template } of podsOf(objects))
      expect(matches(spec.podSelector.matchLabels, template.metadata.labels)).toBe(true);
  });
});

test('a call that one side may make is one that the other side takes', () => {
  const names = new Set(services);
  for (const caller of services)
    for (const callee of peersOf(policy(caller).egress, 'to', 8080).filter((name) => names.has(name)))
      expect([callee, peersOf(policy(callee).ingress, 'from', 8080)]).toEqual([callee, expect.arrayContaining([caller])]);
  for (const callee of services)
    for (const caller of peersOf(policy(callee).ingress, 'from', 8080).filter((name) => names.has(name)))
      expect([caller, peersOf(policy(caller).egress, 'to', 8080)]).toEqual([caller, expect.arrayContaining([callee])]);
});

test('payment is called by the gateway, by order and by profile only', () => {
  const callers = new Set(peersOf(policy('payment').ingress, 'from', 8080));
  expect([...callers]).toEqual(['gateway', 'order', 'profile']);
});

test('the database is reached by services, their preflights, their migrations, the provisioning and who compares them, the broker not by migrations', () => {
  const from = (name: string) =>
    policy(name).ingress.flatMap((rule: any) =>
      rule.from.flatMap(
        ({ podSelector: { matchLabels, matchExpressions } }: any) =>
          matchExpressions?.[0].values ?? matchLabels['app.kubernetes.io/component'],
      ),
    );
  expect([...new Set(from('postgresql'))].sort()).toEqual(['migration', 'preflight', 'provision', 'reconcile', 'service']);
  expect([...new Set(from('rabbitmq'))].sort()).toEqual(['preflight', 'provision', 'service']);
});

test('the gateway needs neither database nor broker', () => {
  expect(peersOf(policy('gateway').egress, 'to', 5432)).toEqual([]);
});

test('nobody reaches the admin port until monitoring is on, and then only from where values say', () => {
  const withPort = (objects: readonly KubeObject[]) =>
    ofKind(objects, 'NetworkPolicy').filter(({ spec }) => JSON.stringify(spec.ingress ?? []).includes('9090'));
  expect(withPort(defaults)).toEqual([]);
  const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
  const monitored = render(
    'bulkhead',
    { global: { monitoring: { enabled: true }, networkPolicy: { monitoring: { from } } } },
    { release: 'shop' },
  );
  expect(withPort(monitored)).toHaveLength(parts.length);
  for (const service of parts)
    expect(policy(service, monitored).ingress).toContainEqual({ from, ports: [{ port: 9090, protocol: 'TCP' }] });
});

test('RabbitMQ is watched where the services are: by its own port, which only Prometheus reaches', () => {
  const port = 15_692;
  expect(JSON.stringify(defaults)).not.toContain(String(port));
  const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
  const policies = { networkPolicy: { monitoring: { from } } };
  for (const monitoring of [{ enabled: true }, { open: true }]) {
    const objects = render('bulkhead', { global: { monitoring, ...policies } }, { release: 'shop' });
    expect(policy('rabbitmq', objects).ingress).toContainEqual({ from, ports: [{ port, protocol: 'TCP' }] });
    const [container] = named(objects, 'StatefulSet', 'shop-rabbitmq')['spec'].template.spec.containers;
    expect(container.ports).toContainEqual({ name: 'metrics', containerPort: port });
    expect(container.env).toContainEqual({
      name: 'RABBITMQ_ENABLED_PLUGINS_FILE',
      value: '/etc/bulkhead/enabled_plugins',
    });
    expect(named(objects, 'ConfigMap', 'shop-rabbitmq-plugins')['data'].enabled_plugins.trim()).toBe(
      '[rabbitmq_management,rabbitmq_prometheus].',
    );
    const monitors = ofKind(objects, 'ServiceMonitor').filter(({ metadata }) => metadata.name === 'shop-rabbitmq');
    expect(monitors.flatMap(({ spec }) => spec.endpoints.map(({ path }: any) => path))).toEqual(
      'enabled' in monitoring ? ['/metrics', '/metrics/detailed'] : [],
    );
  }
});

describe('the policy of a Job that runs before an upgrade', () => {
  const upgrade = render('bulkhead', {}, { release: 'shop', upgrade: true });
  const weight = ({ metadata }: KubeObject) => Number(metadata.annotations?.['helm.sh/hook-weight']);

  test.each([...withDatabase.map((name) => `${name}-migrate`), 'infra-provision'])('is there before %s', (name) => {
    const labels = (object: KubeObject) => object['spec'].template.metadata.labels as Labels;
    const job = ofKind(upgrade, 'Job').find(({ metadata }) => metadata.name.startsWith(`shop-${name}`));
    if (!job) throw new Error(`there is no Job ${name}`);
    const policies = ofKind(upgrade, 'NetworkPolicy').filter(
      ({ metadata, spec }) =>
        !metadata.name.endsWith('default-deny') && matches(spec.podSelector.matchLabels, labels(job)),
    );
    expect(policies).toHaveLength(1);
    for (const found of policies) {
      expect(found.metadata.annotations?.['helm.sh/hook']).toBe(job.metadata.annotations?.['helm.sh/hook']);
      expect(weight(found)).toBeLessThan(weight(job));
      // The name that an install gave it is another object's, which the upgrade takes away.
      expect(defaults.map(({ metadata }) => metadata.name)).not.toContain(found.metadata.name);
    }
  });
});

describe('name resolution', () => {
  test('is where pods and NodeLocal DNSCache are', () => {
    expect(policy('order').egress[0].to).toEqual([
      { namespaceSelector: {} },
      { ipBlock: { cidr: '169.254.20.10/32' } },
    ]);
  });
});

describe('in a service mesh', () => {
  const meshed = (mesh: string) => render('bulkhead', { global: { mesh } }, { release: 'shop' });
  const jobs = (objects: readonly KubeObject[]) =>
    podsOf(objects).filter(({ name }) => /^(Job|Pod) /.test(name)).map(({ template }) => template.metadata.labels);

  test('with sidecars, Jobs have none, since they would not end, and services reach the control plane', () => {
    const objects = meshed('sidecar');
    for (const labels of jobs(objects)) expect(labels['sidecar.istio.io/inject']).toBe('false');
    for (const labels of jobs(defaults)) expect(labels['sidecar.istio.io/inject']).toBeUndefined();
    const way = { to: [{ namespaceSelector: {} }], ports: [{ port: 15_012, protocol: 'TCP' }] };
    for (const service of services) expect(policy(service, objects).egress).toContainEqual(way);
    expect(policy('order').egress).not.toContainEqual(way);
  });

  test('an ambient one carries every call between pods that is allowed, and no other', () => {
    const objects = meshed('ambient');
    for (const { metadata, spec } of ofKind(objects, 'NetworkPolicy')) {
      const plain = named(defaults, 'NetworkPolicy', metadata.name)['spec'];
      for (const [direction, peers] of [['ingress', 'from'], ['egress', 'to']] as const) {
        const rules = (spec[direction] ?? []).filter((rule: any) => !JSON.stringify(rule).includes('169.254.7.127'));
        expect(rules.map((rule: any) => rule[peers])).toEqual((plain[direction] ?? []).map((rule: any) => rule[peers]));
        for (const rule of rules) {
          const isBetweenPods = rule[peers]?.every(({ podSelector }: any) => podSelector);
          if (isBetweenPods) expect(rule.ports).toContainEqual({ port: 15_008, protocol: 'TCP' });
          if (rule.ports.some(({ port }: any) => port === 53)) expect(JSON.stringify(rule)).not.toContain('15008');
        }
      }
    }
    expect(JSON.stringify(defaults)).not.toContain('15008');
  });

  test('an ambient one probes from an address of its own', () => {
    const from = [{ ipBlock: { cidr: '169.254.7.127/32' } }, { ipBlock: { cidr: 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128' } }];
    const objects = meshed('ambient');
    for (const { metadata, spec } of ofKind(objects, 'Deployment')) {
      const own = ofKind(objects, 'NetworkPolicy').find((found) => found.metadata.name === metadata.name);
      expect([metadata.name, spec.template.metadata.labels, own?.['spec'].ingress]).toEqual([
        metadata.name,
        expect.objectContaining(own?.['spec'].podSelector.matchLabels),
        expect.arrayContaining([{ from }]),
      ]);
    }
  });
});

describe('where pods have IPv6 addresses', () => {
  test('every Service is of the families that values name', () => {
    const global = { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'], monitoring: { enabled: true } };
    const found = ofKind(render('bulkhead', { global }), 'Service');
    expect(found.length).toBeGreaterThan(services.length);
    for (const { metadata, spec } of found)
      expect([metadata.name, spec.ipFamilyPolicy, spec.ipFamilies]).toEqual([metadata.name, 'PreferDualStack', ['IPv6', 'IPv4']]);
    for (const { spec } of ofKind(defaults, 'Service')) expect(Object.keys(spec)).not.toContain('ipFamilyPolicy');
  });

  test('no rule is of IPv4 alone', () => {
    const objects = render('bulkhead', { payment: { simulatedProvider: { enabled: false }, config: { PAYMENT_PROVIDER_URL: 'https://pay.example' } } });
    const rules = ofKind(objects, 'NetworkPolicy').flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])]);
    for (const rule of rules)
      if (JSON.stringify(rule).includes('"0.0.0.0/0"')) expect(JSON.stringify(rule)).toContain('"::/0"');
  });

  test('what is simulated listens at every address of its pod, also the one to which a port-forward leads', () => {
    const hostOf = (objects: Parameters<typeof named>[0]) => {
      const [container] = named(objects, 'StatefulSet', 'shop-payment-provider')['spec'].template.spec.containers;
      return container.env.find(({ name }: { name: string }) => name === 'HOST').value as string;
    };
    expect(hostOf(defaults)).toBe('0.0.0.0');
    const ofIpv6 = render('bulkhead', { global: { ipFamilies: ['IPv6'] } }, { release: 'shop' });
    expect(hostOf(ofIpv6)).toBe('::');
  });
});

describe('the way to a server outside that no value names', () => {
  const egressOf = (values: object) =>
    named(render('notification', values), 'NetworkPolicy', 'notification')['spec'].egress as any[];
  const anywhere = (...ports: number[]) => ({ ports: ports.map((port) => ({ port, protocol: 'TCP' })) });

  test.each<[string, object, object]>([
    ['to a mail server whose address is a Secret', { secrets: { SMTP_URL: { existingSecret: 'smtp' } } }, anywhere(25, 465, 587)],
    ['to the port of its URL', { config: { SMTP_URL: 'smtp://mail.example.org:2525' } }, anywhere(2525)],
    ['to the usual port of its URL', { config: { SMTP_URL: 'smtps://mail.example.org' } }, anywhere(465)],
    ['to a database whose address is a Secret', { database: { existingSecret: 'pg' } }, anywhere(5432)],
    ['to a broker whose address is a Secret', { broker: { existingSecret: 'mq' } }, anywhere(5672, 5671)],
  ])('is open %s', (_what, values, rule) => {
    expect(egressOf(values)).toContainEqual(rule);
    expect(egressOf({})).not.toContainEqual(rule);
  });

  test('is that to infra where its address is infra’s', () => {
    expect(peersOf(egressOf({}), 'to', 1025)).toEqual(['mail-catcher']);
    expect(peersOf(egressOf({ secrets: { SMTP_URL: { existingSecret: 'smtp' } } }), 'to', 1025)).toEqual([]);
  });

  test('is there for a migration too', () => {
    const objects = render('order', { database: { existingSecret: 'pg' } });
    expect(named(objects, 'NetworkPolicy', 'order-migrate')['spec'].egress).toContainEqual(anywhere(5432));
  });
});

describe('what a test cluster cannot test is rendered according to values', () => {
  const block = (cidr: string) => [{ ipBlock: { cidr } }];
  const objects = render(
    'bulkhead',
    {
      ...productionValues,
      global: {
        publicUrl: 'https://shop.example',
        telemetry: { otlpEndpoint: 'http://collector.tracing:4318' },
        networkPolicy: {
          dns: { to: block('10.0.0.10/32'), ports: [53] },
          apiServer: { to: block('10.0.0.1/32'), ports: [443] },
          database: { to: block('10.1.0.0/28'), ports: [6432] },
          broker: { to: block('10.2.0.0/28'), ports: [5671] },
          otlp: { to: block('10.3.0.0/28'), ports: [4318] },
        },
      },
      payment: { ...productionValues.payment, networkPolicy: { provider: { to: block('10.4.0.0/28'), ports: [443] } } },
      notification: { ...productionValues.notification, networkPolicy: { smtp: { to: block('10.5.0.0/28'), ports: [587] } } },
      gateway: { exposure: { ...productionValues.gateway.exposure, from: block('10.6.0.0/28') } },
    },
    { release: 'shop', files: ['values-production.yaml'] },
  );
  const tcp = (port: number) => ({ port, protocol: 'TCP' });

  test.each([
    ['the API server', 'order', '10.0.0.1/32', 443],
    ['the database', 'order', '10.1.0.0/28', 6432],
    ['the broker', 'order', '10.2.0.0/28', 5671],
    ['the receiver of traces', 'order', '10.3.0.0/28', 4318],
    ['the payment provider', 'payment', '10.4.0.0/28', 443],
    ['the mail server', 'notification', '10.5.0.0/28', 587],
    ['the database, for migrations', 'order-migrate', '10.1.0.0/28', 6432],
  ])('%s', (_what, name, cidr, port) => {
    expect(policy(name, objects).egress).toContainEqual({ to: block(cidr), ports: [tcp(port)] });
  });

  test('name resolution, for every pod', () => {
    for (const { metadata, spec } of ofKind(objects, 'NetworkPolicy'))
      if (!metadata.name.endsWith('default-deny'))
        expect(spec.egress).toContainEqual({
          to: block('10.0.0.10/32'),
          ports: [{ port: 53, protocol: 'UDP' }, tcp(53)],
        });
  });

  test('the way in, for the gateway alone', () => {
    const open = ofKind(objects, 'NetworkPolicy').filter(({ spec }) => JSON.stringify(spec).includes('10.6.0.0/28'));
    expect(open.map(({ metadata }) => metadata.name)).toEqual(['shop-gateway']);
  });

  test('nothing else that is not a pod of the shop', () => {
    const blocks = new Set(
      ofKind(objects, 'NetworkPolicy').flatMap(({ spec }) =>
        [...JSON.stringify(spec).matchAll(/"cidr":"([^"]+)"/g)].map(([, cidr]) => cidr),
      ),
    );
    expect([...blocks].sort()).toEqual(
      ['10.0.0.1/32', '10.0.0.10/32', '10.1.0.0/28', '10.2.0.0/28', '10.3.0.0/28', '10.4.0.0/28', '10.5.0.0/28', '10.6.0.0/28'],
    );
  });
});
