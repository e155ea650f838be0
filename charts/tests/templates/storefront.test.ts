import { named, ofKind, refusal, render } from '../helm';

const shop = render('bulkhead', {}, { release: 'shop' });
const pod = named(shop, 'Deployment', 'shop-storefront')['spec'].template.spec;
const backend = (service: string) => ({ service: { name: service, port: { name: 'http' } } });

test('its pods prove to nobody who they are, and reach nobody but name resolution', () => {
  expect(pod.volumes).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }]);
  expect(Object.keys(named(shop, 'ConfigMap', 'shop-storefront')['data']).join()).not.toMatch(/IDENTITY|_URL/);
  const { egress } = named(shop, 'NetworkPolicy', 'shop-storefront')['spec'];
  expect(egress.flatMap(({ ports }: any) => ports.map(({ port }: any) => port))).toEqual([53, 53, 5353, 5353]);
});

test('who may reach them is the namespace of the controller, where values name it', () => {
  const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'envoy' } } }];
  const { ingress } = named(render('storefront', { networkPolicy: { from } }), 'NetworkPolicy', 'storefront')['spec'];
  expect(ingress).toEqual([{ from, ports: [{ port: 8080, protocol: 'TCP' }] }]);
});

test('an Ingress leads what is the API’s to the gateway, and all else to the storefront', () => {
  const paths = (exposure: object) =>
    named(render('gateway', { exposure: { type: 'ingress', ...exposure } }), 'Ingress', 'gateway')['spec'].rules[0].http
      .paths;
  const at = (path: string, service: string) => ({ path, pathType: 'Prefix', backend: backend(service) });
  expect(paths({})).toEqual([at('/.well-known', 'gateway'), at('/api', 'gateway'), at('/', 'storefront')]);
  expect(paths({ storefront: false })).toEqual([at('/', 'gateway')]);
});

test('a shop whose way in leads to a storefront that is not installed is refused', () => {
  const values = {
    storefront: { enabled: false },
    gateway: { exposure: { type: 'ingress' } },
  };
  expect(refusal('bulkhead', values)).toContain('set gateway.exposure.storefront to false');
  values.gateway.exposure = { ...values.gateway.exposure, storefront: false } as never;
  expect(ofKind(render('bulkhead', values, { release: 'shop' }), 'Ingress')).toHaveLength(1);
});

test('in production a pod of it may be lost, and nodes drained', () => {
  const production = render('storefront', { replicas: 2, disruptionBudget: { enabled: true } });
  expect(named(production, 'PodDisruptionBudget', 'storefront')['spec'].maxUnavailable).toBe(1);
  const scaled = render('storefront', { autoscaling: { type: 'cpu' } });
  expect(named(scaled, 'HorizontalPodAutoscaler', 'storefront')['spec'].minReplicas).toBe(2);
});
