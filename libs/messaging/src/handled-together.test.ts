import { randomUUID } from 'node:crypto';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import type { Database } from '@bulkhead/database/database';
import { eventually } from '@bulkhead/testing/eventually';
import { catalog, mails, placed, subscriptions } from './conformance/shop';
import { createTestDatabases, fast, type TestDatabases } from './conformance/world';
import { type Consumers, createConsumers } from './consumers';
import { createInProcessTransport } from './inprocess/inprocess-transport';
import { PoisonMessage, subscribeInBatches } from './subscription';
import type { Transport } from './transport';

describe('events that wait together', () => {
  let databases: TestDatabases;
  let transport: Transport;
  let consumers: Consumers;
  /** Statements on the reader's database. */
  const statements: string[] = [];
  const batches: number[][] = [];
  const prefetch = 8;
  const claims = () => statements.filter((name) => name === 'delivery-claim');
  beforeAll(async () => {
    databases = await createTestDatabases();
  }, 60_000);
  afterAll(() => databases?.drop());
  beforeEach(async () => {
    await databases.clear();
    batches.splice(0);
    const { reader } = databases;
    const counted: Database = {
      query(statement) {
        statements.push(statement.name ?? statement.text);
        return reader.query(statement);
      },
      transaction(work, options) {
        statements.push('transaction');
        return reader.transaction(work, options);
      },
    };
    transport = createInProcessTransport({
      databases: { notification: counted, search: counted },
      subscriptions,
      clock,
      ...fast,
      // Nobody looks but who is woken, and no lease runs out, so that statements can be counted.
      sweepMs: 60_000,
      leaseMs: 60_000,
    });
    const subscription = subscribeInBatches(mails, async (events, { tx }) => {
      batches.push(events.map(({ data }) => data.number));
      await tx.query({
        text: `insert into effect (consumer_group, event_id, number) select $1, * from unnest($2::uuid[], $3::int[])`,
        values: [mails.group, events.map(({ id }) => id), events.map(({ data }) => data.number)],
      });
      if (events.some(({ data }) => data.note === 'poison')) throw new PoisonMessage('not to be handled');
    });
    consumers = createConsumers({
      transport,
      database: counted,
      subscriptions: [subscription],
      catalog,
      clock,
      poolSize: 10,
      prefetch,
      probeMs: fast.probeMs,
    });
  });
  afterEach(async () => {
    await consumers.stop();
    await transport.close();
  });

  const deliver = async (...events: { number: number; note?: string; id?: string }[]) => {
    const rows = events.map(({ id = randomUUID(), ...data }) => ({
      id,
      body: JSON.stringify({
        specversion: '1.0',
        id,
        source: '/bulkhead/order',
        type: placed.type,
        subject: 'order-1',
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        aggregateversion: 1,
        data,
      }),
    }));
    await databases.reader.query({
      text: `insert into delivery (consumer_group, message_id, event_type, body)
        select $1, gen_random_uuid(), $2, body from unnest($3::text[]) as body`,
      values: [mails.group, placed.type, rows.map(({ body }) => body)],
    });
    statements.splice(0);
    consumers.start();
    await eventually(async () => (await query('select from delivery')).length === 0);
  };
  const query = async (text: string) =>
    (await databases.reader.query<Record<string, unknown>>({ text })).rows;
  const effects = async () =>
    (await query('select number from effect order by number')).map((row) => row['number']);

  test('are handled in one transaction, and leave the queue in one statement', async () => {
    await deliver({ number: 1 }, { number: 2 }, { number: 3 });
    expect(batches.map((batch) => batch.toSorted())).toEqual([[1, 2, 3]]);
    expect(await effects()).toEqual([1, 2, 3]);
    expect(statements.filter((name) => name === 'transaction')).toHaveLength(1);
    expect(statements.filter((name) => name === 'delivery-remove')).toHaveLength(1);
    expect(claims()).toHaveLength(1);
  });

  test('are asked for again where there were more than there was room for, until there are no more', async () => {
    const numbers = Array.from({ length: 2 * prefetch + 1 }, (_, number) => number);
    await deliver(...numbers.map((number) => ({ number })));
    expect(await effects()).toEqual(numbers);
    expect(claims().length).toBeGreaterThanOrEqual(3);
  });

  test('are each handled alone where one cannot be, which alone is a dead letter', async () => {
    await deliver({ number: 1 }, { number: 2, note: 'poison' }, { number: 3 });
    expect(await effects()).toEqual([1, 3]);
    expect(await query('select reason from dead_letter')).toEqual([{ reason: 'not to be handled' }]);
  });

  test('have their effect once, be the same event among them twice or handled before', async () => {
    const id = randomUUID();
    await deliver({ number: 1, id }, { number: 1, id }, { number: 2 });
    expect(await effects()).toEqual([1, 2]);
    await deliver({ number: 1, id }, { number: 3 });
    expect(await effects()).toEqual([1, 2, 3]);
  });
});
