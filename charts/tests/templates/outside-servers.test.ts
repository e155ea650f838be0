import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import { withBrokerUrl, withDatabaseUrl, withManagementUrl } from '@bulkhead/service/server-url';
import { named, ofKind, productionValues, refusal, render, type KubeObject } from '../helm';
import { objectionsTo } from '../kubeconform';
import { serviceDeployments, withDatabase } from '../scenarios';
import { shown } from '../documented';

/** Values over values, as Helm merges files. */
const merged = (...all: any[]): any =>
  all.reduce(
    (sum, next) =>
      Object.fromEntries(
        [...new Set([...Object.keys(sum), ...Object.keys(next)])].map((key) => {
          const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
          if (!(key in next)) return [key, sum[key]];
          return [key, isObject(sum[key]) && isObject(next[key]) ? merged(sum[key], next[key]) : next[key]];
        }),
      ),
    {},
  );

/** Production without a Secret of one's own for any login. */
const bare = merged(
  productionValues,
  ...withDatabase.map((name) => ({ [name]: { database: { existingSecret: '', ownerSecret: '', keys: {} }, broker: { existingSecret: '' } } })),
);
/** The release of one service, in production. */
const alone = merged(productionValues['order' as keyof typeof productionValues], {
  global: { ...productionValues.global, mode: 'production' },
});
const page = 'outside-servers.md';
const inProduction = (values: object, upgrade = false) =>
  render('bulkhead', values, { release: 'shop', files: ['values-production.yaml'], upgrade });
const weight = ({ metadata }: KubeObject) => Number(metadata.annotations?.['helm.sh/hook-weight'] ?? 0);
const hooks = ({ metadata }: KubeObject) => metadata.annotations?.['helm.sh/hook'] ?? '';
const job = (objects: readonly KubeObject[], begin: string) => {
  const found = ofKind(objects, 'Job').find(({ metadata }) => metadata.name.startsWith(begin));
  if (!found) throw new Error(`there is no Job ${begin}`);
  return found;
};
const variablesOf = (owner: KubeObject): Record<string, string> =>
  Object.fromEntries(
    (owner['spec'].template.spec.containers[0].env ?? []).map(({ name, value }: any) => [name, value]),
  );
/** Files of a pod's volume, by path: `<secret>/<key>`. */
const filesOf = (owner: KubeObject, volume: string): Record<string, string> =>
  Object.fromEntries(
    owner['spec'].template.spec.volumes
      .filter(({ name }: any) => name === volume)
      .flatMap(({ projected }: any) => projected.sources)
      .flatMap(({ secret }: any) => secret.items.map(({ key, path }: any) => [path, `${secret.name}/${key}`])),
  );
/** What the program sees of a pod's servers: its variables, and for each file a text that says where it is from. */
const seenBy = (objects: readonly KubeObject[], service: string) => {
  const deployment = serviceDeployments(objects).get(service)!;
  const seen: Record<string, string> = { ...named(objects, 'ConfigMap', `shop-${service}`)['data'] };
  for (const [variable, from] of Object.entries(filesOf(deployment, 'secrets')))
    if (!/_(CA|CERT|KEY)$/.test(variable)) seen[variable] = from.replace('/', '.');
    else seen[`${variable}_FILE`] = `/var/run/bulkhead/secrets/${variable}`;
  return seen;
};

describe('provisioning servers of one’s own, as docs/outside-servers.md shows it', () => {
  const [example] = shown('Provided by the release', page);
  const values = merged(bare, example);

  const installed = inProduction(values);

  test.each([false, true])('is there before everything that needs it, policy first (upgrade: %s)', (upgrade) => {
    const objects = upgrade ? inProduction(values, upgrade) : installed;
    const provision = named(objects, 'Job', 'shop-provision');
    const policy = named(objects, 'NetworkPolicy', 'shop-provision');
    for (const hook of ['pre-install', 'pre-upgrade', 'pre-rollback'])
      expect([hooks(provision), hooks(policy)]).toEqual([expect.stringContaining(hook), expect.stringContaining(hook)]);
    const credentials = named(objects, 'Job', 'shop-provision-credentials');
    expect(weight(credentials)).toBeLessThan(weight(policy));
    expect(weight(policy)).toBeLessThan(weight(provision));
    for (const service of withDatabase) {
      const migration = job(objects, `shop-${service}-migrate`);
      expect(hooks(migration)).toBe(upgrade ? 'pre-upgrade,pre-rollback' : '');
      expect(weight(provision)).toBeLessThan(weight(migration));
      expect(weight(provision)).toBeLessThan(weight(named(objects, 'Job', `shop-${service}-preflight`)));
    }
    expect(policy['spec'].podSelector.matchLabels).toEqual(
      expect.objectContaining({ 'app.kubernetes.io/component': 'provision' }),
    );
    const to = policy['spec'].egress.map((rule: any) => [rule.to, rule.ports?.map(({ port }: any) => port)]);
    const { database, broker } = productionValues.global.networkPolicy;
    expect(to).toEqual(expect.arrayContaining([[database.to, [5432]], [broker.to, [15672, 15671]]]));
  });

  test('makes every service’s logins of the Secrets that the service uses', () => {
    const objects = installed;
    const provision = named(objects, 'Job', 'shop-provision');
    const variables = variablesOf(provision);
    expect(variables['SERVICES']?.split(',')).toEqual([...withDatabase].sort());
    const files = filesOf(provision, 'services');
    for (const service of withDatabase) {
      const own = filesOf(serviceDeployments(objects).get(service)!, 'secrets');
      const migration = filesOf(job(objects, `shop-${service}-migrate`), 'secrets');
      expect(files).toMatchObject({
        [`${service}/DATABASE_PASSWORD`]: own['DATABASE_PASSWORD'],
        [`${service}/RABBITMQ_PASSWORD`]: own['RABBITMQ_PASSWORD'],
        [`${service}/MIGRATION_DATABASE_PASSWORD`]: migration['MIGRATION_DATABASE_PASSWORD'],
      });
      expect(JSON.parse(variables['CREDENTIALS']!)[service]).toMatchObject({
        DATABASE_USER: `${service}_app`,
        MIGRATION_DATABASE_USER: `${service}_owner`,
        RABBITMQ_USER: service,
      });
    }
    expect(filesOf(provision, 'secrets')).toMatchObject({
      POSTGRES_ADMIN_URL: 'postgres-admin/uri',
      RABBITMQ_MANAGEMENT_URL: 'rabbitmq-admin/management-url',
    });
    expect(JSON.stringify([...serviceDeployments(objects).values()])).not.toMatch(/postgres-admin|rabbitmq-admin|owner/);
  });

  test('makes no Secret for who has one', () => {
    const objects = inProduction(merged(productionValues, example));
    expect(ofKind(objects, 'Job').map(({ metadata }) => metadata.name)).not.toContain('shop-provision-credentials');
    expect(filesOf(named(objects, 'Job', 'shop-provision'), 'services')).toMatchObject({
      'notification/DATABASE_URL': 'pg-notification/uri',
      'notification/MIGRATION_DATABASE_URL': 'pg-notification-owner/owner-url',
      'notification/RABBITMQ_URL': 'mq-notification/broker-url',
    });
  });

  test('provides for the release of one service alone', () => {
    const objects = render('order', { global: { ...example.global, prefix: 'a-prefix-of-thirty-four-character-' } });
    const provision = objects.find(({ kind, metadata }) => kind === 'Job' && /-order-provision$/.test(metadata.name))!;
    expect(variablesOf(provision)['SERVICES']).toBe('order');
    for (const { metadata } of ofKind(objects, 'Job')) expect(metadata.name.length).toBeLessThanOrEqual(63);
  });

  test('is taken by Kubernetes', () => {
    expect(objectionsTo(installed.map((object) => `---\n${JSON.stringify(object)}\n`).join(''))).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['no administrator of PostgreSQL', { provision: { database: { existingSecret: '' } } }, /set global.provision.database.existingSecret/],
    ['no administrator of RabbitMQ', { provision: { broker: { existingSecret: '' } } }, /set global.provision.broker.existingSecret/],
    ['no host of PostgreSQL', { database: { host: '' } }, /nothing says where PostgreSQL is; set global.database.host/],
    ['no host of RabbitMQ', { broker: { host: '' } }, /nothing says where RabbitMQ is; set global.broker.host/],
  ])('%s is refused', (_what, change, sentence) => {
    const without = { database: { existingSecret: '' }, broker: { existingSecret: '' } };
    const refused = refusal('order', merged(alone, without, example, { global: change }));
    expect(refused.replaceAll('\n', ' ')).toMatch(sentence);
  });

  test('together with infra it is rejected', () => {
    expect(refusal('bulkhead', example)).toMatch(/set infra.enabled to false, or global.provision.enabled to false/);
  });
});

describe('operators, as docs/outside-servers.md shows them', () => {
  const cnpg = shown('CloudNativePG', page);
  const rabbit = shown('RabbitMQ Cluster Operator', page);
  const objects = inProduction(merged(bare, cnpg[1], rabbit[2]));
  const provision = named(objects, 'Job', 'shop-provision');

  test('have a role for the provisioning, and three nodes', () => {
    const [role] = cnpg[0].spec.managed.roles;
    expect(role).toMatchObject({ createdb: true, createrole: true, passwordSecret: { name: 'shop-pg-bulkhead' } });
    expect(role).not.toHaveProperty('superuser');
    expect([cnpg[0].spec.instances, rabbit[1].spec.replicas]).toEqual([3, 3]);
    expect(filesOf(provision, 'secrets')).toEqual({
      POSTGRES_ADMIN_USER: 'shop-pg-bulkhead/username',
      POSTGRES_ADMIN_PASSWORD: 'shop-pg-bulkhead/password',
      RABBITMQ_MANAGEMENT_HOST: 'shop-mq-default-user/host',
      RABBITMQ_MANAGEMENT_USER: 'shop-mq-default-user/username',
      RABBITMQ_MANAGEMENT_PASSWORD: 'shop-mq-default-user/password',
      DATABASE_CA: 'shop-pg-ca/ca.crt',
      RABBITMQ_CA: 'shop-mq-tls/ca.crt',
    });
  });

  test('are reached by TLS that is verified, by the provisioning and by every service', () => {
    const variables = { ...variablesOf(provision), POSTGRES_ADMIN_USER_FILE: '', POSTGRES_ADMIN_PASSWORD_FILE: '' };
    const admin = withDatabaseUrl('POSTGRES_ADMIN', { ...variables, POSTGRES_ADMIN_USER: 'u', POSTGRES_ADMIN_PASSWORD: 'p' });
    expect(admin['POSTGRES_ADMIN_URL']).toBe(
      'postgres://u:p@shop-pg-rw.shop.svc:5432/postgres?sslmode=verify-full&sslrootcert=%2Fvar%2Frun%2Fbulkhead%2Fsecrets%2FDATABASE_CA',
    );
    const management = { RABBITMQ_MANAGEMENT_HOST: 'h', RABBITMQ_MANAGEMENT_USER: 'u', RABBITMQ_MANAGEMENT_PASSWORD: 'p' };
    const { RABBITMQ_MANAGEMENT_PORT: port, RABBITMQ_TLS: tls } = variables as Record<string, string>;
    expect(
      withManagementUrl({ ...management, RABBITMQ_MANAGEMENT_PORT: port, RABBITMQ_TLS: tls })['RABBITMQ_MANAGEMENT_URL'],
    ).toBe('https://u:p@h:15671');
    for (const service of withDatabase) {
      const seen = withBrokerUrl(withDatabaseUrl('DATABASE', seenBy(objects, service)));
      expect(seen['DATABASE_URL']).toBe(
        `postgres://${service}_app:shop-${service}-database.app-password@shop-pg-rw.shop.svc:5432/bulkhead_${service}?sslmode=verify-full&sslrootcert=%2Fvar%2Frun%2Fbulkhead%2Fsecrets%2FDATABASE_CA`,
      );
      expect(brokerAddresses(seen['RABBITMQ_URL']!)).toEqual(
        [0, 1, 2].map((node) => `amqps://${service}:shop-${service}-broker.password@shop-mq-server-${node}.shop-mq-nodes.shop.svc:5671`),
      );
    }
  });
});

describe('Existing Secrets', () => {
  const [example] = shown('Existing Secrets', page);

  test('may hold each part by itself, and the program puts them together', () => {
    const objects = inProduction(merged(productionValues, { global: example.global, order: example.order }));
    const seen = withBrokerUrl(
      withDatabaseUrl('DATABASE', { ...seenBy(objects, 'order'), DATABASE_PORT: '6543' }),
    );
    expect(seen['DATABASE_URL']).toMatch(
      'postgres://order-rds.username:order-rds.password@order-rds.host:6543/order-rds.dbname',
    );
    expect(seen['RABBITMQ_URL']).toBe(
      'amqps://order-user-credentials.username:order-user-credentials.password@rabbitmq.example:5671',
    );
    const migration = job(objects, 'shop-order-migrate');
    expect(filesOf(migration, 'secrets')).toMatchObject({ MIGRATION_DATABASE_PASSWORD: 'order-rds-owner/password' });
  });

  test('need no shell: the program puts them together, as no container has a command of its own', () => {
    const objects = render('order', merged(alone, { global: example.global }, example.order));
    for (const object of [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'Job')])
      for (const { command } of object['spec'].template.spec.containers) expect(command).toBeUndefined();
  });
});

describe('TLS', () => {
  const [example] = shown('TLS', page);

  test('with client certificates, as docs/outside-servers.md shows it', () => {
    const objects = inProduction(merged(productionValues, example));
    expect(filesOf(serviceDeployments(objects).get('order')!, 'secrets')).toMatchObject({
      DATABASE_CA: 'postgres-ca/ca.crt',
      DATABASE_CERT: 'order-app-certificate/tls.crt',
      DATABASE_KEY: 'order-app-certificate/tls.key',
      RABBITMQ_CA: 'rabbitmq-ca/ca.crt',
      RABBITMQ_CERT: 'order-broker-certificate/tls.crt',
      RABBITMQ_KEY: 'order-broker-certificate/tls.key',
    });
    expect(filesOf(job(objects, 'shop-order-migrate'), 'secrets')).toMatchObject({
      DATABASE_CA: 'postgres-ca/ca.crt',
      DATABASE_CERT: 'order-owner-certificate/tls.crt',
    });
  });

  test.each(withDatabase)('is what %s asks of both servers in production, unless values say otherwise', (service) => {
    const tls = { DATABASE_TLS: 'verify-full', RABBITMQ_TLS: 'verify-full' };
    expect(named(production, 'ConfigMap', `shop-${service}`)['data']).toMatchObject(tls);
    expect(variablesOf(job(production, `shop-${service}-migrate`))).toMatchObject({ DATABASE_TLS: 'verify-full' });
  });
  const production = inProduction(productionValues);

  test.each([
    ['of a service to its database', { database: { tls: { mode: 'disable' } } }, /order: database.tls.mode is disable/],
    ['of a service to the broker', { broker: { tls: { mode: 'disable' } } }, /order: broker.tls.mode is disable/],
    ['of all to the database', { global: { database: { tls: { mode: 'disable' } } } }, /order: database.tls.mode is disable/],
    ['of all to the broker', { global: { broker: { tls: { mode: 'disable' } } } }, /order: broker.tls.mode is disable/],
  ])('may not be left out in production %s, unless that is said aloud', (_what, change, sentence) => {
    const refused = refusal('order', merged(alone, change)).replaceAll('\n', ' ');
    expect(refused).toMatch(sentence);
    expect(refused).toMatch(/set it to verify-full, or global.allowPlaintext to true/);
    const aloud = render('order', merged(alone, change, { global: { allowPlaintext: true } }));
    expect(named(aloud, 'ConfigMap', 'order')['data']).toMatchObject({ ALLOW_PLAINTEXT: 'on' });
    expect(variablesOf(job(aloud, 'order-migrate'))).toMatchObject({ ALLOW_PLAINTEXT: 'on' });
  });
});

test('infra’s provisioning is as strict as the mode says: its servers speak plaintext, which production refuses', () => {
  const jobs = ofKind(render('bulkhead', {}, { release: 'shop' }), 'Job').filter(({ metadata }) => /infra-provision/.test(metadata.name));
  expect(jobs).toHaveLength(1);
  expect(jobs[0]!['spec'].template.spec.containers[0].env).toContainEqual({ name: 'NODE_ENV', value: 'development' });
});
