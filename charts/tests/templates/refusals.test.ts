import { productionValues, refusal } from '../helm';

describe('values that cannot work stop the install with a sentence that says what to change', () => {
  const cases: [string, string, object, RegExp][] = [
    ['a key that there is not', 'order', { replica: 2 }, /additional properties 'replica' not allowed/],
    ['a key that there is not, inside the umbrella', 'bulkhead', { order: { replica: 2 } }, /additional properties 'replica' not allowed/],
    ['a variable that the service does not know', 'order', { config: { ORDER_BUDGET: 5 } }, /additional properties 'ORDER_BUDGET' not allowed/],
    ['text in place of a number', 'order', { replicas: 'two' }, /got string, want (integer or null|null or integer)/],
    ['a number that is none', 'order', { config: { ORDER_BUDGET_MS: '1s' } }, /does not match pattern/],
    ['fixed replicas with autoscaling', 'order', { replicas: 2, autoscaling: { type: 'cpu' } }, /replicas is 2 and autoscaling.type is cpu.*unset replicas/],
    ['fewest pods over most pods', 'order', { autoscaling: { type: 'cpu', min: 5, max: 2 } }, /autoscaling.min \(5\) is over autoscaling.max \(2\)/],
    ['scaling by a queue that is not read', 'gateway', { autoscaling: { type: 'queue' } }, /gateway reads no queue; set it to cpu/],
    ['scaling by queue without the broker’s address', 'order', { autoscaling: { type: 'queue' } }, /set autoscaling.queue.existingSecret/],
    ['a disruption budget for one pod', 'order', { disruptionBudget: { enabled: true } }, /set replicas to 2 or more/],
    ['a host, and no way to it', 'gateway', { exposure: { host: 'shop.example' } }, /exposure.type is none.*set exposure.type to gateway or ingress/],
    ['backups that would be nowhere', 'bulkhead', { global: { backup: { enabled: true } } }, /set global.backup.existingClaim to a PersistentVolumeClaim, or global.backup.upload/],
    ['an upload of backups without an image', 'order', { global: { backup: { enabled: true, upload: { command: ['upload'] } } } }, /set global.backup.upload.image|needs global.backup.upload.image/],
    ['a Gateway without a class', 'gateway', { exposure: { type: 'gateway' } }, /set exposure.gateway.className/],
    ['a route without a Gateway', 'gateway', { exposure: { type: 'gateway', gateway: { create: false } } }, /parentRefs to your Gateway/],
    ['a way in behind which all customers are one', 'gateway', { exposure: { type: 'ingress' }, config: { TRUSTED_HOPS: 0 } }, /config.TRUSTED_HOPS is 0.*set it to the number of proxies/],
    ['a Gateway of which nobody says how many proxies it is', 'gateway', { exposure: { type: 'gateway', gateway: { create: false, parentRefs: [{ name: 'shared' }] } } }, /config.TRUSTED_HOPS is 0.*set it to the number of proxies/],
    ['an unknown way in', 'gateway', { exposure: { type: 'nodeport' } }, /value must be one of 'none', 'gateway', 'ingress'/],
    ['the tag latest', 'order', { image: { tag: 'latest' } }, /names another image every day/],
    ['half a digest', 'order', { image: { digest: 'sha256:12' } }, /does not match pattern/],
    ['faults in production', 'order', { global: { mode: 'production' }, faults: true }, /faults is true, which is refused where global.mode is production/],
    ['example products in production', 'product', { global: { mode: 'production' }, config: { SEED: true } }, /config.SEED is on, which is refused/],
    ['a simulated provider in production', 'payment', { global: { mode: 'production' } }, /simulated provider is refused where global.mode is production/],
    ['no provider at all', 'payment', { simulatedProvider: { enabled: false } }, /there is no provider/],
    ['Stripe without its key', 'payment', { config: { PAYMENT_PROVIDER: 'stripe' } }, /set secrets.STRIPE_SECRET_KEY.existingSecret/],
    ['Stripe beside the simulated provider', 'payment', { config: { PAYMENT_PROVIDER: 'stripe' }, secrets: productionValues.payment.secrets }, /set simulatedProvider.enabled to false/],
    ['Stripe that sends buyers back to nowhere', 'payment', { global: { mode: 'production' }, ...productionValues.payment, simulatedProvider: { enabled: false } }, /sent back to http:\/\/localhost:8080; set global.publicUrl/],
    ['no database from anywhere', 'bulkhead', { infra: { enabled: false } }, /auth: infra.enabled is false.*set auth.database.existingSecret/],
    ['development’s servers in production', 'bulkhead', { ...productionValues, global: { ...productionValues.global, mode: 'production' } }, /infra.enabled is true.*refused where global.mode is production/],
    ['more connections than the database takes', 'bulkhead', { order: { replicas: 12 } }, /more than 80 % of infra.postgresql.maxConnections/],
  ];
  test.each(cases)('%s', (_name, chart, values, sentence) => {
    // Production refuses its own combinations first; these cases are about one thing each.
    const complete =
      chart === 'bulkhead' && 'infra' in values === false && 'payment' in values
        ? { ...values, payment: { ...productionValues.payment, simulatedProvider: { enabled: false } } }
        : values;
    expect(refusal(chart, complete).replaceAll('\n', ' ')).toMatch(sentence);
  });

  test.each<[string, (values: any) => object, RegExp]>([
    [
      'a database that no policy leads to',
      ({ global }) => ({ global: { ...global, networkPolicy: { ...global.networkPolicy, database: {} } } }),
      /global.networkPolicy.database.to is empty.*set it to its addresses/,
    ],
    [
      'a broker that no policy leads to',
      ({ global }) => ({ global: { ...global, networkPolicy: { ...global.networkPolicy, broker: {} } } }),
      /global.networkPolicy.broker.to is empty.*set it to its addresses/,
    ],
    [
      'pods that might talk to everybody as if it were the API server',
      ({ global }) => ({ global: { ...global, networkPolicy: { ...global.networkPolicy, apiServer: {} } } }),
      /global.networkPolicy.apiServer.to is empty.*kubectl get endpointslices -n default kubernetes/,
    ],
    [
      'a mail server that no policy leads to',
      ({ notification }) => ({ notification: { ...notification, networkPolicy: {} } }),
      /networkPolicy.smtp.to is empty, so that no mail could leave; set it to its addresses/,
    ],
    [
      'a sender that no mail server accepts',
      ({ notification }) => ({ notification: { ...notification, config: {} } }),
      /mails would be from shop@shop.example.*set config.MAIL_FROM/,
    ],
    [
      'links to the reader’s own machine',
      ({ global, payment }) => ({
        global: { ...global, publicUrl: 'http://localhost:8080' },
        payment: {
          ...payment,
          config: { ...payment.config, PAYMENT_RETURN_URL: 'https://shop.example/paid' },
        },
      }),
      /links in mails would lead to http:\/\/localhost:8080.*set global.publicUrl/,
    ],
  ])('in production, %s', (_name, change, sentence) => {
    const values = { ...productionValues, ...change(productionValues) };
    expect(refusal('bulkhead', values, { files: ['values-production.yaml'] }).replaceAll('\n', ' ')).toMatch(sentence);
  });

  test('no mail server', () => {
    const values = { ...productionValues, notification: { ...productionValues.notification, secrets: {} } };
    expect(refusal('bulkhead', values, { files: ['values-production.yaml'] })).toMatch(
      /there is no mail server; set notification.secrets.SMTP_URL.existingSecret/,
    );
  });
});
