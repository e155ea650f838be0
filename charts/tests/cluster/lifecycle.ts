import { setTimeout as sleep } from 'node:timers/promises';
import type { ShopClient } from '@bulkhead/app/acceptance/src/client';
import { type Kube, type Pod, within } from './kube';
import { expectNobodyFailed } from './nobody-failed';
import { expectNothingLost, type ShopServers } from './nothing-lost';
import { upgrade, type ReleaseOptions } from './release';
import { readTopology } from './topology';
import { startTraffic } from './traffic';

export interface LifecycleOptions {
  readonly kube: Kube;
  readonly servers: ShopServers;
  readonly prefix: string;
  readonly shop: ShopClient;
  readonly release: ReleaseOptions;
  readonly migration: { readonly failing: string; readonly mended: string };
}

const services = Object.keys(readTopology());

/** What may happen to a shop that runs: new versions, lost pods, restarted servers. */
export function describeLifecycle(options: () => LifecycleOptions): void {
  describe('an upgrade', () => {
    const withOrder = ({ release }: LifecycleOptions, tag: string): ReleaseOptions => ({
      ...release,
      values: { ...release.values, order: { image: { tag }, migrations: { backoffLimit: 0 } } },
    });

    it('whose migration fails leaves the old version serving', async () => {
      const { kube, shop, migration } = options();
      const before = await podNames(kube);
      const traffic = await startTraffic(shop);
      await expect(upgrade(withOrder(options(), migration.failing))).rejects.toThrow(/pre-upgrade/);
      const report = await traffic.stop();
      await expectNobodyFailed(kube, report);
      expect(report.orders.length).toBeGreaterThan(10);
      expect(await podNames(kube)).toEqual(before);
    });

    it('after that, of every service at once, under load, mends it and loses no request and no message', async () => {
      const { kube, prefix, shop, servers, migration } = options();
      const before = await podNames(kube);
      const traffic = await startTraffic(shop);
      const mended = withOrder(options(), migration.mended);
      await upgrade({ ...mended, values: withAnnotation(mended.values, String(Date.now())) });
      for (const service of services) await kube.rolledOut(`deployment/${prefix}${service}`);
      // The old pods serve until nobody sends them requests any more; they too must end well.
      await within(90, async () => expect(await withoutLeavingPods(kube)).toBe(true));
      const report = await traffic.stop();
      await expectNobodyFailed(kube, report);
      expect(report.orders.length).toBeGreaterThan(20);
      expect((await podNames(kube)).filter((name) => before.includes(name))).toEqual([]);
      await expectNothingLost(servers, report.orders);
    });
  });

  describe('more pods of a service', () => {
    it('get their share of its requests within a minute', async () => {
      const { kube, prefix, shop } = options();
      await kube.kubectl(['scale', `deployment/${prefix}product`, '--replicas=3']);
      await kube.rolledOut(`deployment/${prefix}product`);
      const traffic = await startTraffic(shop, { browseRate: 30, orderRate: 1 });
      try {
        await sleep(35_000);
        const first = await requestsByPod(kube, 'product');
        await sleep(20_000);
        const last = await requestsByPod(kube, 'product');
        const served = [...last].map(([pod, count]) => count - (first.get(pod) ?? 0));
        const all = served.reduce((sum, count) => sum + count, 0);
        expect(served).toHaveLength(3);
        expect(all).toBeGreaterThan(200);
        expect(Math.min(...served) / all).toBeGreaterThanOrEqual(0.2);
        await expectNobodyFailed(kube, await traffic.stop());
      } finally {
        await traffic.stop();
        await kube.kubectl(['scale', `deployment/${prefix}product`, '--replicas=1']);
      }
    });
  });

  describe('nothing is lost', () => {
    it('when each pod in turn is killed', async () => {
      const { kube, prefix, shop, servers } = options();
      const traffic = await startTraffic(shop, { repeat: true });
      for (const service of services) {
        const [pod] = await kube.pods(service);
        await kube.kubectl(['delete', 'pod', pod!.metadata.name, '--grace-period=0', '--force']);
        await kube.rolledOut(`deployment/${prefix}${service}`);
      }
      const { orders } = await traffic.stop();
      expect(orders.length).toBeGreaterThan(20);
      await expectNothingLost(servers, orders);
    });

    it('when a consumer is drained while messages come', async () => {
      const { kube, prefix, shop, servers } = options();
      const traffic = await startTraffic(shop);
      const [pod] = await kube.pods('notification');
      await sleep(3_000);
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod!.metadata.name } };
      await kube.kubectl(
        [
          'create',
          '--raw',
          `/api/v1/namespaces/${kube.namespace}/pods/${pod!.metadata.name}/eviction`,
          '-f',
          '-',
        ],
        JSON.stringify(eviction),
      );
      await within(60, async () => expect(await withoutLeavingPods(kube)).toBe(true));
      await kube.rolledOut(`deployment/${prefix}notification`);
      const { orders } = await traffic.stop();
      await expectNothingLost(servers, orders);
    });

    it.each([
      // Each server's signal for a fast and clean end.
      ['the broker', 'rabbitmq', 'TERM'],
      ['the database', 'postgresql', 'INT'],
    ])('when %s restarts', async (_what, server, signal) => {
      const { kube, prefix, shop, servers } = options();
      const traffic = await startTraffic(shop, { repeat: true });
      await sleep(3_000);
      const pod = `${prefix}${server}-0`;
      const restarts = () => restartsOf(kube, pod);
      const before = await restarts();
      await kube.kubectl(['exec', pod, '--', 'sh', '-c', `kill -${signal} 1`]).catch(() => undefined);
      await within(60, async () => expect(await restarts()).toBeGreaterThan(before));
      await kube.kubectl(['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=240s']);
      await sleep(10_000);
      const { orders } = await traffic.stop();
      expect(orders.length).toBeGreaterThan(20);
      await expectNothingLost(servers, orders);
      for (const service of services) await kube.rolledOut(`deployment/${prefix}${service}`);
    });
  });
}

const podNames = async (kube: Kube) =>
  (await Promise.all(services.map((service) => kube.pods(service))))
    .flat()
    .map(({ metadata }) => metadata.name);

async function withoutLeavingPods(kube: Kube): Promise<boolean> {
  const pods = await kube.list('pod', 'app.kubernetes.io/component=service');
  return pods.every(({ metadata }) => !('deletionTimestamp' in metadata));
}

async function restartsOf(kube: Kube, pod: string): Promise<number> {
  const { status } = await kube.get<Pod>('pod', pod);
  return status.containerStatuses[0]!.restartCount;
}

/** Requests that each pod has answered since it began. */
async function requestsByPod(kube: Kube, service: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { metadata } of await kube.pods(service)) {
    const text = await kube.inPod<string>(
      metadata.name,
      `fetch('http://127.0.0.1:9090/metrics').then((answer) => answer.text())`,
    );
    const lines = text.matchAll(/^http_server_request_duration_seconds_count\{.*\} (\d+)/gm);
    counts.set(
      metadata.name,
      [...lines].reduce((sum, [, count]) => sum + Number(count), 0),
    );
  }
  return counts;
}

/** Values with which every service gets new pods. */
const withAnnotation = (values: object = {}, text: string): object => {
  const given = values as Record<string, object>;
  return {
    ...given,
    ...Object.fromEntries(
      services.map((service) => [service, { ...given[service], podAnnotations: { restarted: text } }]),
    ),
  };
};
