import { setTimeout as sleep } from 'node:timers/promises';
import { summarise } from '../../../experiments/run/observation';
import { expectNothingLostIn } from '../cluster/nothing-lost';
import { type OutsideProvider, startOutsideProvider } from '../cluster/outside-provider';
import { happenTo } from './environment';
import { type PeopleReport, startPeople } from './people';
import { plot, sayHow, takeNotes } from './report';
import { type ReplicatedServers, startReplicatedServers } from './replicated-servers';
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

/** Servers of which one may be lost: a standby that replicates synchronously, and three brokers with quorum queues. */
describe('a shop whose servers are replicated', () => {
  const { kube, infra } = namespaces();
  let provider: OutsideProvider;
  let servers: ReplicatedServers;
  let nodes: readonly Node[] = [];

  beforeAll(async () => {
    nodes = await readNodes(kube);
    const [first, second] = nodes.map(only);
    await Promise.all([kube.create(), infra.create()]);
    provider = await startOutsideProvider(kube, infra, 'shop-gateway', environment.tag, first);
    const { postgresql, rabbitmq } = given().infra;
    servers = await startReplicatedServers(kube, infra, {
      images: {
        postgresql: postgresql.image,
        rabbitmq: rabbitmq.image,
        jobs: `docker.io/bulkhead/chart-jobs:${environment.tag}`,
      },
      first: first!,
      second: second!,
      provider,
    });
    // One pod of each service, on the first node: what is lost here are servers, not services.
    await installShop({ kube, infra }, servers.values, () => ({ ...small, nodeSelector: first }));
  }, 900_000);

  afterAll(async () => {
    await Promise.all([kube.delete(), infra.delete()]);
  });

  it('goes on when the node of a broker that leads queues is lost, and loses no event', async () => {
    const victim = nodes[2]!.metadata.name;
    const led = (await servers.leaders()).filter((node) => node === victim).length;
    expect(led).toBeGreaterThan(0);
    const people = await startPeople(shop);
    const { notes, note } = takeNotes(people.now);
    await sleep(10_000);
    const faultBegins = people.now();
    note(`a node whose broker leads ${led} queues has no power`);
    await happenTo(victim, 'NODE_KILL');
    try {
      await sleep(30_000);
      expect(await servers.leaders()).not.toContain(victim);
    } finally {
      note('it is started again');
      await happenTo(victim, 'NODE_START');
    }
    const faultEnds = people.now();
    await infra.rolledOut('statefulset/rabbitmq', 180);
    note('three brokers again');
    await sleep(5_000);
    const report = await people.stop();
    plot('broker-lost', report, { faultBegins, faultEnds, notes });
    const during = summarise(report.samples, faultBegins, faultEnds);
    sayHow({ before: summarise(report.samples, 0, faultBegins), during });
    // An order waits for no broker: what it has to tell is kept with it.
    expect(during.servedShare).toBeGreaterThan(0.99);
    await nothingLost(report.orders);
  });

  it('goes on when the standby of its database is promoted, also where connections lead to it too soon', async () => {
    const people = await startPeople(shop);
    const { notes, note } = takeNotes(people.now);
    await sleep(10_000);
    const faultBegins = people.now();
    note('new connections lead to the standby, which is not promoted yet');
    await servers.lead('postgresql-b');
    await sleep(5_000);
    note('the primary is gone');
    await infra.kubectl(['delete', 'pod', 'postgresql-a', '--grace-period=0', '--force']);
    await sleep(5_000);
    note('the standby is promoted');
    await servers.sql('postgresql-b', 'select pg_promote()');
    const promotedAt = people.now();
    await sleep(30_000);
    const report = await people.stop();
    plot('failover', report, { faultBegins, faultEnds: promotedAt, notes });
    const after = summarise(report.samples, promotedAt + 15_000, report.lastedMs);
    sayHow({
      before: summarise(report.samples, 0, faultBegins),
      during: summarise(report.samples, faultBegins, promotedAt),
      'from 15 s after the promotion': after,
    });
    expect(after.servedShare).toBe(1);
    await nothingLost(report.orders);
  });

  const nothingLost = (orders: PeopleReport['orders']) =>
    expectNothingLostIn({ ...servers.state, provider: { kube: infra, target: provider.service } }, orders);
});
