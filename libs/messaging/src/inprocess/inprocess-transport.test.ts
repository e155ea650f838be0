import { systemClock } from '@bulkhead/resilience/clock';
import { describeTransport } from '../conformance/conformance';
import { describeCrashes } from '../conformance/crashes';
import { mails, placed, subscriptions } from '../conformance/shop';
import { type Carrier, createTestDatabases, createWorld, fast } from '../conformance/world';
import { createInProcessTransport } from './inprocess-transport';

const openCarrier = async (): Promise<Carrier> => ({
  connect: (_service, { reader }, observer) =>
    createInProcessTransport({
      databases: { notification: reader, search: reader },
      subscriptions,
      clock: systemClock,
      observer,
      ...fast,
    }),
  async inject(group, { id, body }, { reader }) {
    await reader.query({
      text: `insert into delivery (consumer_group, message_id, event_type, body) values ($1, $2, 'unknown', $3)`,
      values: [group, id, body.toString()],
    });
  },
  async injectRaw(group, { properties, body }, { reader }) {
    // What its columns can hold at all: text without NUL.
    const text = (bytes: Buffer | undefined) => (bytes?.toString() ?? 'none').replaceAll('\0', '');
    await reader.query({
      text: `insert into delivery (consumer_group, message_id, event_type, body) values ($1, $2, $3, $4)
        on conflict do nothing`,
      values: [group, text(properties.messageId), text(properties.type), text(body)],
    });
    return true;
  },
  async depth(group, { reader }) {
    const { rows } = await reader.query<{ count: number }>({
      text: 'select count(*)::int as count from delivery where consumer_group = $1',
      values: [group],
    });
    return rows[0]?.count ?? -1;
  },
  reset: async () => undefined,
  close: async () => undefined,
});

describeTransport('rows in the reader’s database', openCarrier);
describeCrashes('rows in the reader’s database', openCarrier);

test('a service with subscriptions but no database here is refused at once', () => {
  expect(() => createInProcessTransport({ databases: {}, subscriptions, clock: systemClock })).toThrow(
    'no database here holds the queue of notification.mails',
  );
});

test('an event that is sent again while it waits to be handled waits once, and is sent all the same', async () => {
  const databases = await createTestDatabases();
  const { reader } = databases;
  const transport = createInProcessTransport({
    databases: { notification: reader, search: reader },
    subscriptions,
    clock: systemClock,
  });
  try {
    const id = '019b76da-a800-7000-8000-000000000001';
    const row = { position: '1', id, type: placed.type, subject: 'order-1', payload: '{}' };
    for (let times = 0; times < 2; times++)
      expect(await transport.publish([row])).toEqual([{ kind: 'confirmed' }]);
    const { rows } = await reader.query({
      text: 'select consumer_group, message_id from delivery order by consumer_group',
    });
    expect(rows).toEqual(subscriptions.map(({ group }) => ({ consumer_group: group, message_id: id })));
  } finally {
    await transport.close();
    await databases.drop();
  }
}, 60_000);

test('a group goes on where its dead letters cannot be stored, and what is dropped is told', async () => {
  const databases = await createTestDatabases();
  const carrier = await openCarrier();
  const world = createWorld(carrier, databases);
  try {
    await databases.reader.query({ text: 'alter table dead_letter add constraint full_up check (false)' });
    const dropped: string[] = [];
    world.startConsumers({}, { observer: { dropped: ({ reason }) => dropped.push(reason) } });
    for (let count = 0; count < 6; count++) await world.inject(mails.group, `bad-${count}`, 'not json');
    world.startRelay();
    await world.place(1);
    await world.settledWith([1]);
    expect(dropped).toEqual(Array(6).fill('not-json: the body is not JSON in UTF-8'));
  } finally {
    await world.stop();
    await databases.drop();
  }
}, 60_000);
