import { named, productionValues, render, renderText } from '../helm';

const options = { release: 'shop', files: ['values-production.yaml'] };
const environmentOf = (objects: ReturnType<typeof render>) =>
  (named(objects, 'ConfigMap', 'shop-payment') as unknown as { data: Record<string, string> }).data;

test('with Stripe, nothing is configured, run or let through for the simulated provider', () => {
  const production = render('bulkhead', productionValues, options);
  const environment = environmentOf(production);
  expect(environment).toMatchObject({ PAYMENT_PROVIDER: 'stripe', PAYMENT_RETURN_URL: 'https://shop.example' });
  expect(environment).not.toHaveProperty('PAYMENT_PROVIDER_URL');
  expect(renderText('bulkhead', productionValues, options)).not.toMatch(/payment-provider|simulat|8090/i);
  const { egress } = named(production, 'NetworkPolicy', 'shop-payment')['spec'];
  expect(egress).toContainEqual({
    to: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }],
    ports: [{ port: 443, protocol: 'TCP' }],
  });
});

test('Stripe’s address and where buyers come back to are what config says, if it says so', () => {
  const config = {
    ...productionValues.payment.config,
    PAYMENT_PROVIDER_URL: 'https://stripe-proxy.example',
    PAYMENT_RETURN_URL: 'https://shop.example/orders',
  };
  const values = { ...productionValues, payment: { ...productionValues.payment, config } };
  expect(environmentOf(render('bulkhead', values, options))).toMatchObject(config);
});

test('the simulated provider is called, run and let through to the gateway where it is chosen', () => {
  const objects = render('bulkhead', {}, { release: 'shop' });
  expect(environmentOf(objects)).toMatchObject({ PAYMENT_PROVIDER_URL: 'http://shop-payment-provider:8090' });
  expect(environmentOf(objects)).not.toHaveProperty('PAYMENT_RETURN_URL');
  named(objects, 'StatefulSet', 'shop-payment-provider');
  const { podSelector, ingress } = named(objects, 'NetworkPolicy', 'shop-payment-provider-webhooks')['spec'];
  expect(podSelector.matchLabels['app.kubernetes.io/name']).toBe('gateway');
  expect(ingress[0].from[0].podSelector.matchLabels['app.kubernetes.io/name']).toBe('payment-provider');
});

test('the simulated provider’s book outlives its pod on a volume, as a real provider’s outlives the shop', () => {
  const bookOf = (values: object) => {
    const { template, volumeClaimTemplates } = named(render('payment', values), 'StatefulSet', 'payment-provider')['spec'];
    const [{ env, volumeMounts }] = template.spec.containers;
    const { value } = env.find(({ name }: { name: string }) => name === 'SIMULATED_PROVIDER_BOOK');
    const { name } = volumeMounts.find(({ mountPath }: { mountPath: string }) => value.startsWith(`${mountPath}/`));
    return {
      claim: volumeClaimTemplates?.find(({ metadata }: { metadata: { name: string } }) => metadata.name === name)?.spec,
      volume: template.spec.volumes.find((volume: { name: string }) => volume.name === name),
    };
  };
  expect(bookOf({})).toEqual({ claim: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } } });
  expect(bookOf({ simulatedProvider: { storage: { className: 'fast' } } }).claim).toHaveProperty('storageClassName', 'fast');
  expect(bookOf({ simulatedProvider: { storage: { persistent: false } } })).toEqual({ volume: { name: 'data', emptyDir: { sizeLimit: '64Mi' } } });
});
