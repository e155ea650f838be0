import { describeShop } from '@bulkhead/app/acceptance/src/suite';
import { createShopClient } from '@bulkhead/app/acceptance/src/client';
import { serviceNames } from '@bulkhead/contracts/services';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { charts, readEnvironment } from './environment';
import { describeIdentity } from './identity';
import { createKube, within } from './kube';
import { describeLifecycle } from './lifecycle';
import { describeNetwork } from './network';
import { expectNobodyFailed } from './nobody-failed';
import { expectNothingLost } from './nothing-lost';
import { useOutsideServers } from './outside';
import { type OutsideProvider, startOutsideProvider } from './outside-provider';
import { install, type ReleaseOptions, testRelease, uninstall, upgrade } from './release';
import { describeStorefront } from './storefront';
import { startTraffic } from './traffic';
import { measureUsage } from './usage';

const environment = readEnvironment();
const namesIn = (folder: string) => readdirSync(join(charts, 'bulkhead/files', folder)).sort();
const shop = createShopClient(environment.shopUrl);
const release = 'shop';
const prefix = `${release}-`;

/** What this cluster needs to run PostgreSQL and RabbitMQ. */
const { infra: servers } = parse(readFileSync(environment.valuesFile, 'utf8')) as {
  infra?: { postgresql?: { storage?: object } };
};

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Answers once the cluster's gateway leads to a shop. */
const reachable = () =>
  within(60, async () => expect((await shop.call('/api/v1/products?limit=1')).status).toBe(200));

describe.each(environment.images)('the image $name', (image) => {
  it('is at most 40 MB larger than its base, runs as no root, says what it is, and is not built twice', () => {
    expect(image).toMatchObject({
      user: '10001:10001',
      isUnchanged: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown,
      revision: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
    });
    expect(image.overBaseBytes).toBeLessThanOrEqual(40e6);
  });
});

describe('a shop installed with the charts’ defaults, where pods must be restricted', () => {
  const kube = createKube('bulkhead-test');
  const options: ReleaseOptions = {
    name: release,
    namespace: kube.namespace,
    chart: join(charts, 'bulkhead'),
    files: [environment.valuesFile],
    values: {
      // Preflight is tried where it matters, in production.test.ts.
      ...Object.fromEntries(serviceNames.map((name) => [name, { preflight: { test: false } }])),
      global: { image: { tag: environment.tag } },
      payment: {
        preflight: { test: false },
        simulatedProvider: { storage: servers?.postgresql?.storage },
      },
    },
  };
  let notes = '';

  beforeAll(async () => {
    if (environment.isInstalled) return;
    await kube.create();
    const began = performance.now();
    notes = await install(options).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await kube.describe()}`);
    });
    say(`installed in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    await reachable();
  }, 400_000);

  it('needs under 1.4 GiB for its nine services and its pages when nobody asks for anything', async () => {
    // What a start still has to do may reach into the first half minutes.
    await within(100, async () => {
      const { memoryMiB, cores, perService } = await measureUsage(kube, 15);
      const each = Object.entries(perService).map(
        ([name, used]) => `${name} ${used.memoryMiB.toFixed(0)} MiB`,
      );
      say(`idle: ${memoryMiB.toFixed(0)} MiB, ${cores.toFixed(2)} CPU (${each.join(', ')})`);
      expect(memoryMiB).toBeLessThan(1_434);
    });
  });

  describeShop(() => environment.shopUrl);

  it('passes `helm test`: a new customer places an order and gets the mail', async () => {
    expect(await testRelease(release, kube.namespace)).toMatch(/Phase:\s+Succeeded/);
  });

  describeNetwork(
    () => kube,
    prefix,
    () => imageOf('chart-jobs'),
  );
  describeIdentity(() => kube, prefix);
  describeStorefront(() => ({ kube, prefix, shop, shopUrl: environment.shopUrl }));
  describeLifecycle(() => ({
    kube,
    servers: { shop: kube, infra: kube, prefix, infraPrefix: prefix },
    prefix,
    shop,
    release: options,
    migration: environment.migration,
  }));

  it.each<[string, object, RegExp]>([
    ['a key that there is not', { order: { replica: 2 } }, /additional properties 'replica' not allowed/],
    ['a wrong type', { order: { replicas: 'two' } }, /got string/],
    ['no databases', { infra: { enabled: false } }, /set auth.database.existingSecret/],
  ])('is not installed with %s, and nothing of it is made', async (_what, values, sentence) => {
    const other = createKube('default');
    await expect(
      install({ ...options, name: 'refused', namespace: other.namespace, values }),
    ).rejects.toThrow(sentence);
    expect(await other.list('all', 'app.kubernetes.io/instance=refused')).toEqual([]);
  });

  it('leaves nothing but the Secrets and volume claims that the notes name when it is uninstalled', async () => {
    await uninstall(release, kube.namespace);
    const kinds = 'all,configmap,serviceaccount,role,rolebinding,networkpolicy,ingress,poddisruptionbudget';
    await within(90, async () =>
      expect(
        (await kube.list(kinds, `app.kubernetes.io/part-of=${release}`)).map(
          ({ kind, metadata }) => `${kind} ${metadata.name}`,
        ),
      ).toEqual([]),
    );
    const [, selector] = /delete secret,pvc -l (\S+)/.exec(notes)!;
    expect((await kube.list('secret', selector!)).length).toBeGreaterThan(0);
    await kube.kubectl(['delete', 'secret,pvc', '-l', selector!]);
    const left = await kube.get<{ items: object[] }>('secret,pvc');
    expect(left.items).toEqual([]);
    await kube.delete();
  });

  const imageOf = (app: string) => `docker.io/bulkhead/${app}:${environment.tag}`;
});

describe(`a shop of ${environment.base.name}, with PostgreSQL and RabbitMQ from outside`, () => {
  const kube = createKube('bulkhead-outside');
  const infra = createKube('bulkhead-servers');
  const values = (outside: object, tag: string): object => ({
    ...outside,
    global: { ...(outside as { global: object }).global, image: { tag } },
  });
  let outside = {};
  let provider: OutsideProvider;
  const options = (chart: string, tag: string): ReleaseOptions => ({
    name: release,
    namespace: kube.namespace,
    chart,
    files: [environment.valuesFile],
    values: values(outside, tag),
  });

  beforeAll(async () => {
    await Promise.all([kube.create(), infra.create()]);
    await install({
      name: 'servers',
      namespace: infra.namespace,
      chart: join(charts, 'infra'),
      values: {
        ...servers,
        global: { prefix: 'servers-', image: { tag: environment.tag }, networkPolicy: { enabled: false } },
      },
    });
    provider = await startOutsideProvider(kube, infra, `${prefix}gateway`, environment.tag);
    outside = await useOutsideServers(kube, infra, 'servers-', provider);
    await install(options(join(environment.base.charts, 'bulkhead'), environment.base.tag));
    await reachable();
  }, 600_000);

  it('is upgraded to this one under load without losing a request or a message', async () => {
    const traffic = await startTraffic(shop);
    const next = options(join(charts, 'bulkhead'), environment.tag);
    await upgrade({ ...next, files: [...(next.files ?? []), join(__dirname, 'monitored.yaml')] });
    const report = await traffic.stop();
    await expectNobodyFailed(kube, report);
    expect(report.orders.length).toBeGreaterThan(20);
    const { service } = provider;
    await expectNothingLost(
      { shop: kube, infra, prefix, infraPrefix: 'servers-', provider: service },
      report.orders,
    );
  });

  it('then passes `helm test`', async () => {
    expect(await testRelease(release, kube.namespace)).toMatch(/Phase:\s+Succeeded/);
  });

  it('has monitors, rules and dashboards, as the kinds of the Prometheus Operator want them', async () => {
    const shown = async (kind: string, selector: string) =>
      (await kube.list(kind, selector)).map(({ metadata }) => metadata.name.replace(prefix, '')).sort();
    expect(await shown('servicemonitor', 'release=prometheus')).toEqual(
      [...serviceNames, 'storefront'].sort(),
    );
    expect(await shown('prometheusrule', 'release=prometheus')).toEqual(
      namesIn('alerts').map((name) => name.replace('.yaml', '')),
    );
    expect(await shown('configmap', 'grafana_dashboard=1')).toEqual(
      namesIn('dashboards').map((name) => `dashboard-${name.replace('.json', '')}`),
    );
  });

  it('goes when it is uninstalled', async () => {
    await uninstall(release, kube.namespace);
    await Promise.all([kube.delete(), infra.delete()]);
  });
});
