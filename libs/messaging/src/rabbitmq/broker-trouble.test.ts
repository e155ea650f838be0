import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@bulkhead/development/free-ports';
import { systemClock } from '@bulkhead/resilience/clock';
import { eventually } from '@bulkhead/testing/eventually';
import { connect } from 'amqplib';
import { brokerAdmin } from '../broker-admin';
import type { Broker } from '@bulkhead/development/broker';
import { startBroker } from '@bulkhead/development/broker-process';
import { openRabbitMqCarrier } from '../conformance/rabbitmq-carrier';
import { index, mails, placed, subscriptions } from '../conformance/shop';
import { createTestDatabases, createWorld, fast, type TestDatabases } from '../conformance/world';
import { declareTopology } from './declare-topology';
import { createRabbitMqTransport, type RabbitMqTransportOptions } from './rabbitmq-transport';
import { createNames } from './topology';

describe('RabbitMQ in trouble', () => {
  let databases: TestDatabases;
  let dataDir: string;
  let port: number;
  let broker: Broker;

  beforeAll(async () => {
    databases = await createTestDatabases();
    dataDir = await mkdtemp(path.join(tmpdir(), 'bulkhead-broker-'));
    port = await freePort();
    broker = await startBroker({ dataDir, port });
  }, 120_000);
  afterAll(async () => {
    await broker?.stop();
    await rm(dataDir, { recursive: true, force: true });
    await databases?.drop();
  }, 60_000);
  /** Resources of a test; closed even if it fails, since jest would wait for them forever. */
  const opened: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    // A connection that was lost with the broker cannot be closed again.
    for (const close of opened.splice(0).reverse()) await close().catch(() => undefined);
    await databases.clear();
  }, 60_000);

  const openCarrier = async (prefix: string) => {
    const carrier = await openRabbitMqCarrier(broker.url, prefix);
    opened.push(() => carrier.close());
    return carrier;
  };
  const openWorld = async (prefix: string) => {
    const carrier = await openCarrier(prefix);
    const world = createWorld(carrier, databases);
    opened.push(() => world.stop());
    return { carrier, world };
  };
  const openChannel = async () => {
    const connection = await connect(broker.url);
    opened.push(() => connection.close());
    return connection.createChannel();
  };

  const transportOf = (
    options: Pick<RabbitMqTransportOptions, 'topology' | 'observer' | 'stalledAfterMs'> & { prefix: string },
  ) =>
    createRabbitMqTransport({
      url: broker.url,
      service: 'order',
      subscriptions,
      clock: systemClock,
      retryDelaysMs: fast.retryDelaysMs,
      ...options,
    });

  test('an event for which no queue is there is parked with its reason, not lost', async () => {
    const { world } = await openWorld('parked.');
    const transport = transportOf({ prefix: 'parked.', topology: 'none' });
    opened.push(() => transport.close());
    const channel = await openChannel();
    await channel.assertExchange(createNames('parked.').exchange, 'topic');
    const relay = world.startRelay({ transport, maxAttempts: 2 });
    await world.place(1);
    await eventually(async () => expect((await relay.stats()).parked).toBe(1));
    const { rows } = await databases.sender.query({
      text: 'select attempts, parked_reason, sent_at, payload->>$1 as type from outbox',
      values: ['type'],
    });
    expect(rows).toEqual([
      { attempts: 2, parked_reason: 'unroutable', sent_at: null, type: 'order.placed.v1' },
    ]);
    expect(await relay.stats()).toMatchObject({ unsent: 0 });
  });

  test('a queue that somebody deleted is declared again, and the event arrives', async () => {
    const { carrier, world } = await openWorld('healed.');
    world.startRelay();
    const consumers = world.startConsumers();
    await world.place(1);
    await world.settledWith([1]);
    await consumers.stop();
    const channel = await openChannel();
    for (const { group } of [mails, index]) {
      await channel.deleteQueue(createNames(carrier.prefix()).queue(group));
    }
    await world.place(2);
    await eventually(async () => expect(await world.unsent()).toBe(0));
    world.startConsumers();
    await world.settledWith([1, 2]);
  });

  test('a message that is to be tried again later is not lost where somebody deleted the queue it would wait in', async () => {
    const { carrier, world } = await openWorld('unwaited.');
    const channel = await openChannel();
    const effect = world.effect(mails);
    let failures = 0;
    world.startRelay();
    world.startConsumers({
      mails: async (event, delivery) => {
        if ((failures += 1) === 1)
          throw new Error('its queues are declared with the first message that waits');
        if (failures === 2) {
          const [, secondDelayMs = 0] = fast.retryDelaysMs;
          await channel.deleteQueue(createNames(carrier.prefix()).waitQueue(mails.group, secondDelayMs));
          throw new Error('not yet');
        }
        await effect(event, delivery);
      },
    });
    await world.place(1);
    await world.settledWith([1]);
    expect(failures).toBe(3);
  });

  test('a group goes on where its dead letters cannot be taken, and what is dropped is told', async () => {
    const { carrier, world } = await openWorld('unburied.');
    const relay = world.startRelay();
    await world.place(0);
    await eventually(async () => expect(await world.unsent()).toBe(0));
    await relay.stop();
    const channel = await openChannel();
    await channel.deleteQueue(createNames(carrier.prefix()).deadQueue(mails.group));
    const dropped: string[] = [];
    const transport = transportOf({ prefix: carrier.prefix(), topology: 'none' });
    opened.push(() => transport.close());
    world.startConsumers(
      {},
      {
        transport,
        observer: { dropped: ({ reason, error }) => dropped.push(`${reason}, ${error.message}`) },
      },
    );
    for (let count = 0; count < 6; count++) await world.inject(mails.group, `bad-${count}`, 'not json');
    const { rows } = await databases.sender.query<{ body: string }>({
      text: `select jsonb_set(payload, '{id}', to_jsonb(gen_random_uuid()))::text as body from outbox`,
    });
    await world.inject(mails.group, 'good', rows[0]!.body);
    await eventually(async () => expect(await world.effects(mails)).toEqual([0, 0]));
    await eventually(() => expect(dropped).toHaveLength(6));
    expect(dropped[0]).toMatch(/^not-json: .*did not take the message: unroutable$/);
  });

  test('a broker that takes no messages does not count as connected, until it does again', async () => {
    const prefix = 'full.';
    const states: string[] = [];
    const transport = transportOf({
      prefix,
      stalledAfterMs: 50,
      observer: {
        connection: ({ name, state, error }) =>
          states.push([name, state, (error as Error | undefined)?.message ?? ''].join(' ').trim()),
      },
    });
    opened.push(() => transport.close());
    const admin = brokerAdmin(broker.managementUrl);
    // A queue without a leader rejects messages just like a full one.
    const limit = (messages: number) =>
      admin.importDefinitions('/', {
        policies: [
          {
            name: 'full',
            pattern: '^full\\.',
            'apply-to': 'queues',
            definition: { 'max-length': messages },
          },
        ],
      });
    await declareTopology(broker.url, subscriptions, prefix, fast.retryDelaysMs);
    await limit(1);
    let position = 0;
    const publish = async () => {
      const id = randomUUID();
      const row = { position: `${position++}`, id, type: placed.type, subject: 'order', payload: '{}' };
      return (await transport.publish([row]))[0]?.kind;
    };
    await eventually(async () => {
      expect(await publish()).toBe('unavailable');
      expect(states).toEqual([
        expect.stringMatching(/ up$/),
        expect.stringMatching(/ up$/),
        expect.stringMatching(/^order sending stalled the broker refuses messages: queues are full/),
      ]);
    });
    await limit(100_000);
    await eventually(async () => {
      expect(await publish()).toBe('confirmed');
      expect(states.slice(3)).toEqual(['order sending recovered']);
    });
  });

  test('a message whose handling ends in a crash again and again becomes a dead letter', async () => {
    const { world } = await openWorld('crashing.');
    world.startRelay();
    await world.place(1);
    await eventually(async () => expect(await world.unsent()).toBe(0));
    const dead = async () => world.connect('notification').deadLetters.list(mails.group);
    // The start of a handling is counted: if a connection is lost on a busy machine, one replica starts it twice.
    let begun = 0;
    for (let replica = 0; (await dead()).length === 0 && replica < 40; replica += 1) {
      let reached: () => void = () => undefined;
      const crash = new Promise<void>((resolve) => (reached = resolve));
      const checkpoint = async () => {
        begun += 1;
        reached();
        await new Promise<never>(() => undefined);
      };
      world.startConsumers({}, { checkpoint });
      await eventually(async () => {
        const died = await Promise.race([crash.then(() => true), systemClock.sleep(50).then(() => false)]);
        expect(died || (await dead()).length > 0).toBe(true);
      });
      await world.abandon();
    }
    // The look before this one may not have given it back yet.
    await eventually(async () =>
      expect(await dead()).toMatchObject([
        { group: mails.group, reason: 'never-ended: its handling began 10 times and ended in a crash' },
      ]),
    );
    expect(begun).toBeGreaterThanOrEqual(20);
  }, 60_000);

  test('a restart of the broker loses no event and doubles no effect', async () => {
    const { world } = await openWorld('restart.');
    world.startRelay();
    world.startConsumers();
    let placed = 0;
    /** With growing delays, so that the load does not grow on a machine with a slow broker. */
    const keepPlacing = async (until: () => boolean) => {
      for (let pauseMs = 5; !until(); pauseMs *= 1.05) {
        await world.place((placed += 1), (placed += 1));
        await systemClock.sleep(pauseMs);
      }
    };
    await keepPlacing(() => placed >= 40);
    let down = false;
    const stopping = broker.stop().then(() => (down = true));
    await keepPlacing(() => down);
    await stopping;
    await keepPlacing(() => placed % 50 === 0);
    let up = false;
    const starting = startBroker({ dataDir, port }).then((started) => {
      broker = started;
      up = true;
    });
    await keepPlacing(() => up);
    await starting;
    await world.place((placed += 1));

    const second = await openCarrier('restart.');
    const numbers = Array.from({ length: placed }, (_, n) => n + 1);
    await eventually(
      async () => {
        expect(await world.effects(mails)).toEqual(numbers);
        expect(await world.effects(index)).toEqual(numbers);
        expect(await world.unsent()).toBe(0);
        expect(await second.depth(mails.group, databases)).toBe(0);
      },
      { timeoutMs: 60_000 },
    );
    const { rows } = await databases.sender.query({ text: 'select max(attempts) as most from outbox' });
    expect(rows).toEqual([{ most: 0 }]);
  }, 180_000);
});
