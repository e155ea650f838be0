import { withDatabaseUrl } from '@bulkhead/service/server-url';
import { Client } from 'pg';
import { named, ofKind, productionValues, render, type KubeObject } from '../helm';
import { objectsOf, scenarios, serviceDeployments, withDatabase } from '../scenarios';

const production = render('bulkhead', productionValues, { release: 'shop', files: ['values-production.yaml'] });

const secretsOf = (objects: readonly KubeObject[], service: string): Record<string, string> =>
  Object.fromEntries(
    (serviceDeployments(objects).get(service)?.['spec'].template.spec.volumes ?? [])
      .filter(({ name }: any) => name === 'secrets')
      .flatMap(({ projected }: any) => projected.sources)
      .map(({ secret }: any) => [secret.items[0].path, `${secret.name}/${secret.items[0].key}`]),
  );

test('in development every service has the Secrets that infra makes', () => {
  const objects = render('bulkhead', {}, { release: 'shop' });
  for (const service of withDatabase)
    expect(secretsOf(objects, service)).toMatchObject({
      DATABASE_URL: `shop-${service}-database/app-url`,
      RABBITMQ_URL: `shop-${service}-broker/broker-url`,
    });
});

test('in production every service has the Secrets that are named, with the keys that are named', () => {
  expect(secretsOf(production, 'notification')).toEqual({
    DATABASE_URL: 'pg-notification/uri',
    RABBITMQ_URL: 'mq-notification/broker-url',
    SMTP_URL: 'smtp/smtp-url',
  });
  expect(secretsOf(production, 'payment')).toMatchObject({
    STRIPE_SECRET_KEY: 'stripe/stripe-secret-key',
    PAYMENT_WEBHOOK_SECRET: 'stripe/webhook',
  });
});

test('the owner of the schema is known to the migration only, also where it has a Secret of its own', () => {
  const migration = ofKind(production, 'Job').find(({ metadata }) => metadata.name.startsWith('shop-notification-migrate'));
  expect(JSON.stringify(migration)).toContain('pg-notification-owner');
  expect(JSON.stringify(serviceDeployments(production).get('notification'))).not.toContain('owner');
});

test('what is generated is switched off by naming a Secret of one’s own', () => {
  const jobs = (values: object) => ofKind(render('auth', values), 'Job').filter(({ metadata }) => metadata.name.endsWith('-credentials'));
  expect(jobs({})).toHaveLength(1);
  const secrets = { AUTH_KEY_ENCRYPTION_SECRET: { existingSecret: 'mine' }, AUTH_ADMIN_PASSWORD: { existingSecret: 'mine' } };
  expect(jobs({ secrets })).toEqual([]);
});

test('the Job that makes Secrets may read and complete these, and no others', () => {
  const role = named(render('infra'), 'Role', 'infra-credentials') as unknown as { rules: any[] };
  expect(role.rules).toEqual([
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'], resourceNames: expect.arrayContaining(['infra', 'order-database', 'order-broker']) },
  ]);
});

test('secrets come as files: none is in a ConfigMap or a variable', () => {
  for (const { data } of ofKind(production, 'ConfigMap') as unknown as { data: Record<string, string> }[])
    expect(Object.keys(data)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/DATABASE_URL|RABBITMQ_URL|SMTP_URL|SECRET|PASSWORD|_KEY$/)]),
    );
  for (const deployment of serviceDeployments(production).values())
    for (const { name, value } of deployment['spec'].template.spec.containers[0].env ?? [])
      expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/var\/run\//)]);
});

describe('TLS to the database and the broker', () => {
  const scenario = scenarios.find(({ name }) => name.includes('TLS'));
  if (!scenario) throw new Error('there is no such scenario');
  const objects = objectsOf(scenario);

  test.each(withDatabase)('%s trusts the authority that is named, and so does its migration', (service) => {
    expect(secretsOf(objects, service)).toMatchObject({
      DATABASE_CA: 'authority/ca.crt',
      RABBITMQ_CA: 'authority/ca.crt',
    });
    expect(named(objects, 'ConfigMap', `shop-${service}`)['data']).toMatchObject({
      DATABASE_TLS: 'verify-full',
      RABBITMQ_TLS: 'verify-full',
    });
    const job = ofKind(objects, 'Job').find(({ metadata }) => metadata.name.startsWith(`shop-${service}-migrate`));
    const { env } = job?.['spec'].template.spec.containers[0] ?? {};
    const tls = { NODE_ENV: 'production', DATABASE_TLS: 'verify-full', DATABASE_CA_FILE: '/var/run/bulkhead/secrets/DATABASE_CA' };
    for (const [name, value] of Object.entries(tls)) expect(env).toContainEqual({ name, value });
    // Read anew for each connection, so that another authority needs no restart; Node.js reads its own at the start only.
    expect(serviceDeployments(objects).get(service)?.['spec'].template.spec.containers[0]?.env).toContainEqual({
      name: 'DATABASE_CA_FILE',
      value: '/var/run/bulkhead/secrets/DATABASE_CA',
    });
  });

  test('no other server is trusted for it: not the payment provider, nor the mail server', () => {
    expect(JSON.stringify(objects)).not.toContain('NODE_EXTRA_CA_CERTS');
  });

  test.each([
    ['verify-full', {}],
    ['no-verify', { rejectUnauthorized: false }],
    ['disable', false],
  ])('the client takes the mode %s as the chart means it', (mode, ssl) => {
    const environment = { DATABASE_URL: 'postgres://user@database.example/shop', DATABASE_TLS: mode };
    const client = new Client({ connectionString: withDatabaseUrl('DATABASE', environment)['DATABASE_URL'] }) as any;
    expect(client.connectionParameters.ssl).toEqual(ssl);
  });
});

test('the issuer’s keys can come from a file, and then no pod asks the API server', () => {
  const values = { global: { identity: { keys: { existingConfigMap: 'issuer' } } } };
  const objects = render('order', values);
  expect(named(objects, 'ConfigMap', 'order')).toMatchObject({
    data: { SERVICE_IDENTITY_JWKS: '/var/run/bulkhead/issuer/jwks.json' },
  });
  expect(JSON.stringify(named(objects, 'NetworkPolicy', 'order')['spec'])).not.toContain('6443');
  expect(JSON.stringify(serviceDeployments(objects).get('order'))).not.toContain('kube-root-ca.crt');
});
