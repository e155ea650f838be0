import { shown } from '../documented';
import { named, ofKind, productionValues, type KubeObject, refusal, render } from '../helm';
import { objectionsTo } from '../kubeconform';
import { withDatabase } from '../scenarios';

const withBackup = (backup: object, values: object = {}, upgrade = false) =>
  render(
    'bulkhead',
    { ...productionValues, ...values, global: { ...productionValues.global, backup: { enabled: true, ...backup } } },
    { release: 'shop', files: ['values-production.yaml'], upgrade },
  );
const podOf = (cronJob: KubeObject): any => cronJob['spec'].jobTemplate.spec.template.spec;
const filesOf = (pod: any): Record<string, string> =>
  Object.fromEntries(
    pod.volumes
      .find(({ name }: any) => name === 'services')
      .projected.sources.flatMap(({ secret }: any) =>
        secret.items.map(({ key, path }: any) => [path, `${secret.name}/${key}`]),
      ),
  );
const valueOf = (container: any, variable: string): string =>
  container.env.find(({ name }: any) => name === variable)?.value;
const asText = (objects: readonly KubeObject[]) => objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');

describe('backups', () => {
  test('are nobody’s until values ask for them', () => {
    const objects = render('bulkhead', productionValues, { release: 'shop', files: ['values-production.yaml'] });
    expect(ofKind(objects, 'CronJob').map(({ metadata }) => metadata.name)).toEqual(['shop-reconcile']);
  });

  test('dump every database as its owner, with the login and the authority of each, into the claim', () => {
    const tls = { mode: 'verify-full', ca: { existingSecret: 'authority' } };
    const order = { ...productionValues['order' as keyof typeof productionValues], database: { existingSecret: 'pg-order', tls } };
    const objects = withBackup({ existingClaim: 'dumps', keepDays: 7, schedule: '5 2 * * *', timeZone: 'Etc/UTC' }, { order });
    const job = named(objects, 'CronJob', 'shop-backup');
    expect(job['spec']).toMatchObject({ schedule: '5 2 * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
    const pod = podOf(job);
    const files = filesOf(pod);
    for (const service of withDatabase) expect(Object.keys(files)).toContain(`${service}/MIGRATION_DATABASE_URL`);
    expect(files).toMatchObject({
      'notification/MIGRATION_DATABASE_URL': 'pg-notification-owner/owner-url',
      'order/DATABASE_CA': 'authority/ca.crt',
    });
    const [logins] = pod.initContainers;
    const [dump] = pod.containers;
    expect(JSON.parse(valueOf(logins, 'CREDENTIALS')).order).toEqual({ DATABASE_TLS: 'verify-full', RABBITMQ_TLS: 'verify-full' });
    expect(valueOf(logins, 'SERVICES')?.split(',')).toEqual(withDatabase);
    expect(valueOf(dump, 'SERVICES')?.split(' ')).toEqual(withDatabase);
    expect(valueOf(dump, 'KEEP_DAYS')).toBe('7');
    expect(pod.volumes).toContainEqual({ name: 'backup', persistentVolumeClaim: { claimName: 'dumps' } });
    expect(objectionsTo(asText(objects))).toEqual([]);
  });

  test('are taken elsewhere by a command of one’s own once all dumps are whole', () => {
    const upload = {
      image: 'registry.example/aws-cli:2',
      command: ['aws', 's3', 'sync', '/backup', 's3://bucket/shop'],
      envFrom: [{ secretRef: { name: 's3' } }],
    };
    const extraEgress = [{ to: [{ ipBlock: { cidr: '10.9.0.0/28' } }], ports: [{ port: 443, protocol: 'TCP' }] }];
    const objects = withBackup({ upload, extraEgress, serviceAccountName: 'backup' });
    const pod = podOf(named(objects, 'CronJob', 'shop-backup'));
    expect(pod.initContainers.map(({ name }: any) => name)).toEqual(['logins', 'dump']);
    expect(pod.containers).toEqual([expect.objectContaining({ name: 'upload', ...upload })]);
    expect(pod.containers[0].volumeMounts.map(({ name }: any) => name)).toEqual(['backup', 'tmp']);
    expect(pod).toMatchObject({ serviceAccountName: 'backup', automountServiceAccountToken: false });
    expect(named(objects, 'NetworkPolicy', 'shop-backup')['spec'].egress).toEqual([
      expect.anything(),
      { ports: [{ port: 5432, protocol: 'TCP' }], to: productionValues.global.networkPolicy.database.to },
      ...extraEgress,
    ]);
    expect(objectionsTo(asText(objects))).toEqual([]);
  });

  test('are made by what docs/backup.md shows', () => {
    const examples = shown('Dumps by the release', 'backup.md');
    expect(examples).toHaveLength(2);
    for (const { global } of examples) {
      const objects = withBackup(global.backup);
      expect(podOf(named(objects, 'CronJob', 'shop-backup')).initContainers[0].args).toEqual(['prepare-backup']);
      expect(objectionsTo(asText(objects))).toEqual([]);
    }
  });

  test('of a service that is a release of its own are of its database alone', () => {
    const values = { database: { existingSecret: 'pg' }, global: { backup: { enabled: true, existingClaim: 'dumps' } } };
    const [job] = ofKind(render('order', values), 'CronJob');
    expect(job?.metadata.name).toBe('order-dump');
    expect(filesOf(podOf(job!))).toEqual({ 'order/MIGRATION_DATABASE_URL': 'pg/owner-url' });
    expect(refusal('order', { global: { backup: { enabled: true } } })).toMatch(/would leave the dumps nowhere/);
  });
});

test('what compares the services is there for a Job by hand, with the databases as the services read them, and never runs by itself', () => {
  const objects = render('bulkhead', productionValues, { release: 'shop', files: ['values-production.yaml'] });
  const job = named(objects, 'CronJob', 'shop-reconcile');
  expect(job['spec'].suspend).toBe(true);
  const pod = podOf(job);
  expect(Object.keys(filesOf(pod)).sort()).toEqual(withDatabase.map((name) => `${name}/DATABASE_URL`));
  expect(pod.containers[0].args).toEqual(['reconcile']);
  expect(objectionsTo(asText(objects))).toEqual([]);
});
