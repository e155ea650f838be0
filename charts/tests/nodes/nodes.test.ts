import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '@bulkhead/contracts/services';
import type { PodCount } from '../../../experiments/report/over-time';
import { type Summary, summarise } from '../../../experiments/run/observation';
import { charts } from '../cluster/environment';
import { type Pod, within } from '../cluster/kube';
import { expectNobodyFailed } from '../cluster/nobody-failed';
import { expectNothingLost } from '../cluster/nothing-lost';
import { useOutsideServers } from '../cluster/outside';
import { type OutsideProvider, startOutsideProvider } from '../cluster/outside-provider';
import { install } from '../cluster/release';
import { startTraffic } from '../cluster/traffic';
import { type Accident, happenTo } from './environment';
import { type PeopleReport, startPeople } from './people';
import { percent, plot, say, sayHow, tabulate, takeNotes } from './report';
import {
  environment,
  given,
  installShop,
  namespaces,
  type Node,
  only,
  readNodes,
  shop,
  small,
} from './shop-on-nodes';

const prefix = 'shop-';
const zone = 'topology.kubernetes.io/zone';

type PlacedPod = Pod & { readonly spec: { readonly nodeName: string } };

/**
 * A shop on three nodes in three zones, with two pods of each service that an order goes through. On the first node, which
 * stays, are the servers, and the gateway: which of its pods are there is the business of the balancer in front of it.
 */
describe('a shop on three nodes', () => {
  const { kube, infra } = namespaces();
  let provider: OutsideProvider;
  let nodes: readonly Node[] = [];
  /** Those that may be lost. */
  const others = () => nodes.slice(1).map(({ metadata }) => metadata.name);

  beforeAll(async () => {
    nodes = await readNodes(kube);
    const first = { nodeSelector: only(nodes[0]!) };
    await Promise.all([kube.create(), infra.create()]);
    await install({
      name: 'servers',
      namespace: infra.namespace,
      chart: join(charts, 'infra'),
      values: {
        ...given().infra,
        ...first,
        global: { prefix: 'servers-', image: { tag: environment.tag }, networkPolicy: { enabled: false } },
      },
    });
    provider = await startOutsideProvider(
      kube,
      infra,
      `${prefix}gateway`,
      environment.tag,
      first.nodeSelector,
    );
    const outside = (await useOutsideServers(kube, infra, 'servers-', provider)) as Record<string, object>;
    await installShop({ kube, infra }, outside, (name) => ({
      ...small,
      ...(doubled.includes(name) ? two : first),
      ...(looked.includes(name) ? scaled : {}),
      ...(name === 'gateway' ? onlyWay : {}),
    }));
  }, 900_000);

  afterAll(async () => {
    await Promise.all([kube.delete(), infra.delete()]);
  });

  it('has the pods of each service on nodes and in zones of their own', async () => {
    const zones = new Map(nodes.map(({ metadata: { name, labels } }) => [name, labels[zone]]));
    for (const service of doubled) {
      const on = (await podsOf(service)).map(({ spec }) => spec.nodeName);
      expect([service, new Set(on).size]).toEqual([service, 2]);
      expect([service, new Set(on.map((name) => zones.get(name))).size]).toEqual([service, 2]);
    }
  });

  it('gets more pods of what is looked at and searched while many do, and of nothing else, and gives them back', async () => {
    const podsNow = async (service: string) => (await podsOf(service)).length;
    const others = serviceNames.filter((name) => !looked.includes(name));
    const before = await Promise.all(others.map(podsNow));
    // Five minutes of less load come before fewer pods, which this test does not wait for.
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };
    const people = await startPeople(shop, { browseRate: 5, searching: true });
    const pods = countPods(people.now);
    const { notes, note } = takeNotes(people.now);
    /** Until each of what is looked at has so many pods. */
    const all = (check: (pods: number) => void) =>
      Promise.all(
        looked.map(async (service) => {
          await within(150, async () => check(await podsNow(service)));
          note(`${service} has ${await podsNow(service)} pods`);
        }),
      );
    let [faultBegins, faultEnds] = [0, 0];
    let [report, counts]: [PeopleReport?, (readonly PodCount[])?] = [];
    try {
      await sleep(10_000);
      faultBegins = people.now();
      // With what they search, as much as the gateway lets one client have.
      people.browseAt(24);
      note('24 people a second search and look at a product');
      await all((now) => expect(now).toBeGreaterThan(2));
      for (const service of looked) await kube.rolledOut(`deployment/${prefix}${service}`);
      await sleep(15_000);
      expect(await Promise.all(others.map(podsNow))).toEqual(before);
      people.browseAt(5);
      faultEnds = people.now();
      note('5 people a second');
      const patch = JSON.stringify({ spec: { behavior } });
      for (const service of looked)
        await kube.kubectl(['patch', 'hpa', `${prefix}${service}`, '--type=merge', '-p', patch]);
      await all((now) => expect(now).toBe(2));
      await sleep(10_000);
    } finally {
      [report, counts] = await Promise.all([people.stop(), pods.stop()]);
    }
    plot('scale-out', report, { faultBegins, faultEnds, notes }, ['search', 'browse', 'order']);
    tabulate(
      'scale-out',
      report,
      { counts, services: [...looked, 'payment'] },
      { title: 'More pods while many search and look', notes },
    );
    const { failed, shedShare, count } = summarise(report.samples, 0, report.lastedMs);
    say(`${count} requests, asked to come again ${percent(shedShare)}, failed ${failed}`);
    expect(failed).toBe(0);
    // New pods may start on the very cores that serve: 3 % were shed where three nodes had two cores.
    expect(shedShare).toBeLessThan(0.1);
  });

  it('loses nothing and fails nobody while a node is drained, and the drain ends', async () => {
    const [node] = others();
    const traffic = await startTraffic(shop);
    try {
      await kube.kubectl([
        ...['drain', node!, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=240s'],
      ]);
      await allRolledOut();
      expect((await podsOn(node!)).map(({ metadata }) => metadata.name)).toEqual([]);
    } finally {
      await kube.kubectl(['uncordon', node!]);
    }
    const report = await traffic.stop();
    await expectNobodyFailed(kube, report);
    expect(report.orders.length).toBeGreaterThan(20);
    await nothingLost(report.orders);
  });

  it('goes on while a node has no power, long before Kubernetes knows, and loses no order', async () => {
    const node = others()[1]!;
    const report = await through(node, { begin: 'NODE_KILL', end: 'NODE_START' });
    expectServed(report);
    await nothingLost(report.orders);
  });

  it('goes on while a node is cut off, and loses no order when it comes back with what it had begun', async () => {
    const report = await through(others()[0]!, { begin: 'NODE_CUT', end: 'NODE_JOIN' });
    expectServed(report);
    await nothingLost(report.orders);
  });

  /**
   * What was on its way there is asked to come again, as is what comes until callers have noticed; later requests are sent
   * to other pods. Nobody sees another failure.
   */
  const expectServed = ({ soon, later }: Readonly<Record<'soon' | 'later', Summary>>) => {
    expect([soon.failed, later.failed]).toEqual([0, 0]);
    expect(soon.servedShare).toBeGreaterThan(0.8);
    expect(later.servedShare).toBeGreaterThan(0.97);
  };

  /** An accident under load, from before it until everything runs elsewhere. */
  async function through(node: string, accident: { readonly begin: Accident; readonly end: Accident }) {
    await within(60, async () => expect((await podsOn(node)).length).toBeGreaterThan(1));
    const people = await startPeople(shop);
    const { notes, note } = takeNotes(people.now);
    await sleep(15_000);
    note(accident.begin);
    const beganAt = people.now();
    await happenTo(node, accident.begin);
    try {
      await within(90, async () => expect(await isReady(node)).toBe(false));
      note('Kubernetes takes the node for lost');
      await within(120, allRunElsewhere(node));
      note('all pods run elsewhere');
      await sleep(10_000);
    } finally {
      note(accident.end);
      await happenTo(node, accident.end);
    }
    await within(90, async () => expect(await isReady(node)).toBe(true));
    await sleep(5_000);
    const report = await people.stop();
    // What is under way in the moment of the accident cannot be saved; a response within its timeout counts against it.
    const soon = summarise(report.samples, beganAt, beganAt + 10_000);
    const later = summarise(report.samples, beganAt + 10_000, report.lastedMs);
    sayHow({ before: summarise(report.samples, 0, beganAt), 'within 10 s': soon, later });
    plot(accident.begin.toLowerCase().replace('_', '-'), report, {
      faultBegins: beganAt,
      faultEnds: notes.at(-1)!.at,
      notes,
    });
    return { ...report, soon, later };
  }

  /** Counts the pods of all services every five seconds; a count that fails is left out. */
  function countPods(now: () => number) {
    const counts: PodCount[] = [];
    const stopping = new AbortController();
    const count = async () => {
      const at = now();
      const running = (await podsThatRun()).filter(({ metadata }) => !('deletionTimestamp' in metadata));
      const names = running.map(({ metadata }) => metadata.labels['app.kubernetes.io/name']);
      const pods = serviceNames.map((name) => [name, names.filter((each) => each === name).length]);
      counts.push({ at, pods: Object.fromEntries(pods) });
    };
    const counting = (async () => {
      while (!stopping.signal.aborted) {
        await count().catch((error: Error) => say(`pods were not counted: ${error.message}`));
        await sleep(5_000, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    })();
    return {
      async stop() {
        stopping.abort();
        await counting;
        return counts;
      },
    };
  }

  const podsOf = async (service: string) => (await kube.pods(service)) as PlacedPod[];
  async function podsThatRun(): Promise<PlacedPod[]> {
    const pods = await kube.list<PlacedPod>('pod', 'app.kubernetes.io/component=service');
    return pods.filter(({ status }) => status.phase === 'Running');
  }
  const podsOn = async (node: string) => (await podsThatRun()).filter(({ spec }) => spec.nodeName === node);
  async function isReady(node: string): Promise<boolean> {
    const { status } = await kube.get<Node>('node', node);
    return status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  }
  const allRolledOut = async () => {
    for (const service of serviceNames) await kube.rolledOut(`deployment/${prefix}${service}`, 180);
  };
  const allRunElsewhere = (node: string) => async () => {
    for (const service of doubled) {
      const pods = await podsOf(service);
      const elsewhere = pods.filter(
        ({ spec, status }) =>
          spec.nodeName !== node &&
          (status as unknown as Node['status']).conditions.some(
            ({ type, status: value }) => type === 'Ready' && value === 'True',
          ),
      );
      expect([service, elsewhere.length]).toEqual([service, 2]);
    }
  };
  const nothingLost = (orders: PeopleReport['orders']) =>
    expectNothingLost(
      { shop: kube, infra, prefix, infraPrefix: 'servers-', provider: provider.service },
      orders,
    );
});

/** The one pod that all go through gets its part of two cores while others start, as it does by the charts' defaults. */
const onlyWay = { resources: { requests: { cpu: '200m', memory: '64Mi' } } };

/** What an order goes through has two pods. The others are on the first node: two cores start only so many processes. */
const doubled: readonly string[] = ['auth', 'product', 'inventory', 'order', 'payment'];

/** What people look at before they order, which scales by CPU. Search does so on the first node, where nothing is lost. */
const looked: readonly string[] = ['product', 'search'];

/** As values-production.yaml asks for it: two pods, a budget for drains, and not five minutes on a node that is lost. */
const two = {
  replicas: 2,
  disruptionBudget: { enabled: true },
  tolerations: ['not-ready', 'unreachable'].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  })),
};

/** By CPU, of which a pod asks for so little that what two cores can serve is much. */
const scaled = {
  replicas: undefined,
  autoscaling: { type: 'cpu', min: 2, max: 4 },
  resources: { requests: { cpu: '50m', memory: '64Mi' } },
};
