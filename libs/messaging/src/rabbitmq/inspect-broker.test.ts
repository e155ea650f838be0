import { events } from '@bulkhead/contracts/events';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { connect } from 'amqplib';
import { allPermissions } from '../broker-admin';
import { brokerAccess, brokerPermissions, eventPermissions } from './broker-permissions';
import { declareTopology } from './declare-topology';
import { inspectBroker } from './inspect-broker';
import { createNames, groupTopology } from './topology';

const all = Object.values(subscriptions);
const names = createNames('bulkhead.');
const nothing = { unpublishable: [], unreadable: [], unreturnable: [], different: [], missing: [] };
const look = (url: string) => inspectBroker({ url, service: 'order', subscriptions: all, catalog: events });

let broker: TestBroker;
beforeEach(async () => (broker = await createTestBroker()));
afterEach(() => broker.drop());

/** How many messages the queues of all groups hold; undefined for those that are not there. */
async function depths(): Promise<(number | undefined)[]> {
  const connection = await connect(broker.url);
  const queues = all.flatMap((definition) => groupTopology(names, definition, []).queues);
  const counts = await Promise.all(
    queues.map(async ({ name }) => {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      return channel.checkQueue(name).then(
        ({ messageCount }) => messageCount,
        () => undefined,
      );
    }),
  );
  await connection.close();
  return counts;
}

test('a user who may do everything is asked about it on an empty broker, which stays empty', async () => {
  const url = await broker.admin!.createUserUrl('everything', allPermissions);
  const { missing, declares } = await look(url);
  expect([
    missing.includes('bulkhead.events'),
    missing.includes('bulkhead.order.payments.dead'),
    declares,
  ]).toEqual([true, true, true]);
  expect(new Set(await depths())).toEqual(new Set([undefined]));
});

test.each(brokerAccess)(
  '%s permissions are what this release needs; asking sends and takes nothing',
  async (access) => {
    await declareTopology(broker.url, all);
    const connection = await connect(broker.url);
    const channel = await connection.createConfirmChannel();
    channel.publish('', names.queue('order.payments'), Buffer.from('waiting'));
    await channel.waitForConfirms();
    await connection.close();
    const before = await depths();
    const url = await broker.admin!.createUserUrl(access, brokerPermissions('order', all, access));
    const user = decodeURIComponent(new URL(url).username);
    await broker.admin!.permitTopics(user, broker.admin!.vhost, eventPermissions('order', events, access));
    expect(await look(url)).toMatchObject({ ...nothing, declares: access === 'transitional' });
    expect(await depths()).toEqual(before);
    expect(before.filter(Boolean)).toEqual([1]);
  },
);

test('a user without permissions is told of each that is lacking', async () => {
  await declareTopology(broker.url, all);
  const url = await broker.admin!.createUserUrl('nothing', { configure: '^$', write: '^$', read: '^$' });
  const state = await look(url);
  expect(state.unpublishable).toContain('order.placed.v1');
  expect(state.unpublishable.every((type) => type.startsWith('order.'))).toBe(true);
  expect(state.unreadable).toEqual(
    expect.arrayContaining(['bulkhead.order.payments', 'bulkhead.order.payments.dead']),
  );
  expect(state.unreturnable).toContain('bulkhead.order.payments.back');
  expect(state.declares).toBe(false);
});
