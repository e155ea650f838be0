import { eventually } from '@bulkhead/testing/eventually';
import * as fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { DependencyUnavailable } from '../subscription';
import type { DeadLetter } from '../transport';
import { anyDelivery, knownDeliveries } from './any-delivery';
import { archived, index, mails, placed } from './shop';
import {
  type Carrier,
  createTestDatabases,
  createWorld,
  fast,
  type Handle,
  type TestDatabases,
  type World,
} from './world';

/** Nothing is redelivered because of a slow machine. */
const longLeaseMs = 30_000;

/** The guarantees of every transport. Call it inside a test file with a factory for the transport. */
export function describeTransport(name: string, openCarrier: () => Promise<Carrier>): void {
  describe(`messages over ${name}`, () => {
    let databases: TestDatabases;
    let carrier: Carrier;
    let world: World;

    beforeAll(async () => {
      databases = await createTestDatabases();
      carrier = await openCarrier();
    }, 120_000);
    afterAll(async () => {
      await carrier?.close();
      await databases?.drop();
    });
    beforeEach(() => {
      world = createWorld(carrier, databases);
    });
    afterEach(async () => {
      await world.stop();
      await databases.clear();
      await carrier.reset();
    });

    const deadLettersOf = async (group: string, count: number): Promise<readonly DeadLetter[]> => {
      const { deadLetters } = world.connect('notification');
      return eventually(async () => {
        const found = await deadLetters.list(group);
        expect(found).toHaveLength(count);
        return found;
      });
    };
    const handledBy = (group: string) =>
      world.observed
        .filter((each) => each.group === group && each.kind.startsWith('handled '))
        .map(({ kind }) => kind);
    const never = () => new Promise<never>(() => undefined);
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

    test('an event reaches every group that hears it, once', async () => {
      world.startConsumers();
      world.startRelay();
      await world.place(1, 2, 3);
      await world.settledWith([1, 2, 3]);
    });

    test('handlers that hang leave connections to requests, and places to other groups', async () => {
      let release!: () => void;
      const released = new Promise<void>((resolve) => (release = resolve));
      const hang: Handle = async (event, delivery) => {
        await released;
        await world.effect(mails)(event, delivery);
      };
      const { max } = databases.reader.stats();
      world.startConsumers({ mails: hang }, { concurrency: max });
      world.startRelay({ leaseMs: longLeaseMs });
      await world.place(...numbers(2 * max));
      await eventually(async () => expect(await world.effects(index)).toHaveLength(2 * max));
      const { total, idle, waiting } = databases.reader.stats();
      expect({ taken: total - idle < max, waiting }).toEqual({ taken: true, waiting: 0 });
      release();
      await world.settledWith(numbers(2 * max));
    });

    test('an event that nobody hears is sent without complaint', async () => {
      const relay = world.startRelay();
      await databases.sender.transaction((tx) =>
        world.outbox.append(tx, [
          { definition: archived, subject: 'order-1', aggregateVersion: 1, data: { number: 1 } },
        ]),
      );
      await eventually(async () => expect(await world.unsent()).toBe(0));
      expect(await relay.stats()).toEqual({ unsent: 0, oldestAgeMs: 0, parked: 0 });
    });

    test('two relays on one outbox send every event once', async () => {
      world.startRelay({ batchSize: 7, leaseMs: longLeaseMs });
      world.startRelay({ batchSize: 7, leaseMs: longLeaseMs });
      world.startConsumers();
      await Promise.all(numbers(40).map((n) => world.place(n, n + 1_000)));
      await world.settledWith([...numbers(40), ...numbers(40).map((n) => n + 1_000)]);
      // The inbox hides redeliveries from a test that checks only the effects.
      expect(handledBy(mails.group)).toEqual(Array(80).fill('handled done'));
    });

    test('events sent before their consumer ever ran are handled when it starts', async () => {
      const relay = world.startRelay();
      await world.place(1, 2);
      await eventually(async () => expect(await world.unsent()).toBe(0));
      await relay.stop();
      world.startConsumers();
      await world.settledWith([1, 2]);
    });

    test('a message that comes again has no second effect', async () => {
      const seen: string[] = [];
      world.startConsumers({
        mails: async (event, delivery) => {
          seen.push(JSON.stringify(event));
          await world.effect(mails)(event, delivery);
        },
      });
      world.startRelay();
      await world.place(1);
      await eventually(() => expect(seen).toHaveLength(1));
      const event = seen[0] ?? '';
      await eventually(async () => expect(await carrier.depth(mails.group, databases)).toBe(0));
      await world.inject(mails.group, (JSON.parse(event) as { id: string }).id, event);
      await world.settledWith([1]);
      expect(seen).toHaveLength(1);
    });

    test('a handler that throws gets the message again after each delay, and at last it is a dead letter', async () => {
      const attempts: number[] = [];
      const begun: number[] = [];
      world.startConsumers({
        mails: async (event, delivery) => {
          begun.push(performance.now());
          await world.effect(mails)(event, delivery);
          attempts.push(delivery.attempt);
          throw new Error('no such template');
        },
      });
      world.startRelay({ leaseMs: longLeaseMs });
      await world.place(7);

      const [dead] = await deadLettersOf(mails.group, 1);
      expect(dead).toMatchObject({
        group: mails.group,
        type: placed.type,
        attempts: 5,
        reason: 'retries-exhausted: Error: no such template',
      });
      expect(JSON.parse(dead?.body ?? '')).toMatchObject({ id: dead?.messageId, data: { number: 7 } });
      expect(attempts).toEqual([1, 2, 3, 4, 5]);
      expect(await world.effects(mails)).toEqual([]);
      // The delays belong to the group that failed: the other group had its one delivery.
      expect(await world.effects(index)).toEqual([7]);
      expect(handledBy(index.group)).toEqual(['handled done']);
      expect(world.observed.filter(({ kind }) => kind === 'retried').map(({ group }) => group)).toEqual(
        fast.retryDelaysMs.map(() => mails.group),
      );
      // Never earlier; how much later depends on the machine. Clocks are read with ms resolution.
      for (const [n, delayMs] of fast.retryDelaysMs.entries())
        expect(begun[n + 1]! - begun[n]!).toBeGreaterThanOrEqual(delayMs - 2);
    });

    test('what can never be handled is a dead letter at once, with its reason, and the consumer goes on', async () => {
      const event = (change: object) =>
        JSON.stringify({
          specversion: '1.0',
          id: uuidv7(),
          source: '/bulkhead/order',
          type: placed.type,
          subject: 'order-1',
          time: '2026-01-01T00:00:00Z',
          datacontenttype: 'application/json',
          aggregateversion: 1,
          data: { number: 1 },
          ...change,
        });
      world.startConsumers();
      world.startRelay();
      // Waits for one event: another one in flight would have its effect after the databases are cleared.
      await world.place(0);
      await world.settledWith([0]);
      await databases.clear();

      await world.inject(mails.group, 'a', 'not json');
      await world.inject(mails.group, 'b', Buffer.from([0x22, 0xc3, 0x28, 0x22]).toString('latin1'));
      await world.inject(mails.group, 'c', '{"hello":"world"}');
      await world.inject(mails.group, 'd', event({ type: 'order.vanished.v1' }));
      await world.inject(mails.group, 'e', event({ type: 'order.placed.v9' }));
      await world.inject(mails.group, 'f', event({ data: { number: 'seven' } }));
      await world.inject(mails.group, 'g', event({ data: { number: 1, note: 'x'.repeat(300 * 1024) } }));
      await world.place(2);

      const dead = await deadLettersOf(mails.group, 7);
      expect(
        Object.fromEntries(dead.map(({ messageId, reason }) => [messageId, reason.split(':')[0]])),
      ).toEqual({
        a: 'not-json',
        b: 'not-a-cloud-event',
        c: 'not-a-cloud-event',
        d: 'unknown-type',
        e: 'unknown-version',
        f: 'invalid-data',
        g: 'too-large',
      });
      expect(dead.every(({ attempts }) => attempts === 1)).toBe(true);
      await eventually(async () => expect(await world.effects(mails)).toEqual([2]));
    });

    test('a group handles the next event at once, whatever came before it', async () => {
      world.startConsumers();
      world.startRelay();
      await world.place(0);
      await world.settledWith([0]);
      let number = 0;
      await fc.assert(
        // More than a group handles concurrently.
        fc.asyncProperty(fc.array(anyDelivery, { minLength: 5, maxLength: 8 }), async (deliveries) => {
          for (const delivery of deliveries) await world.injectRaw(mails.group, delivery);
          number += 1;
          await world.place(number);
          await eventually(async () => expect(await world.effects(mails)).toContain(number));
        }),
        { numRuns: 25, examples: knownDeliveries.map((delivery) => [Array(6).fill(delivery)]) },
      );
      const { deadLetters } = world.connect('notification');
      const dead = await deadLetters.list(mails.group, 1_000);
      expect(dead.length).toBeGreaterThan(0);
      expect(dead.every(({ reason }) => reason.length > 0)).toBe(true);
      await deadLetters.redrive(mails.group, 'all');
      await world.place((number += 1));
      await eventually(async () => expect(await world.effects(mails)).toContain(number));
      // Everything a group can wait for: none of it occurred, so it continued at full speed.
      const waits = ['dropped', 'paused', 'retried'];
      expect(
        world.observed.filter(({ kind, where }) => waits.includes(kind) || where?.startsWith('settling')),
      ).toEqual([]);
    }, 60_000);

    test('an event of a kind that a group does not hear has no effect in it, and is no dead letter', async () => {
      const body = {
        specversion: '1.0',
        id: uuidv7(),
        source: '/bulkhead/order',
        type: archived.type,
        subject: 'order-1',
        time: '2026-01-01T00:00:00Z',
        datacontenttype: 'application/json',
        aggregateversion: 1,
        data: { number: 9 },
      };
      world.startConsumers();
      world.startRelay();
      await world.place(1);
      await world.settledWith([1]);
      await world.inject(mails.group, body.id, JSON.stringify(body));
      await world.place(2);
      await world.settledWith([1, 2]);
      await deadLettersOf(mails.group, 0);
    });

    test('an event with fields that its reader does not know yet is handled', async () => {
      const handled: unknown[] = [];
      world.startConsumers({ mails: async (event) => void handled.push(event.data) });
      world.startRelay();
      await world.place(1);
      await eventually(() => expect(handled).toHaveLength(1));
      const body = {
        specversion: '1.0',
        id: uuidv7(),
        source: '/bulkhead/order',
        type: placed.type,
        subject: 'order-2',
        time: '2026-01-01T00:00:00Z',
        datacontenttype: 'application/json',
        aggregateversion: 1,
        newextension: 'yes',
        data: { number: 2, channel: 'app' },
      };
      await world.inject(mails.group, body.id, JSON.stringify(body));
      await eventually(() => expect(handled).toEqual([{ number: 1 }, { number: 2 }]));
    });

    test('a redriven dead letter keeps its id, has its effect, and is heard by its own group only', async () => {
      let broken = true;
      let others = 0;
      world.startConsumers({
        mails: async (event, delivery) => {
          if (broken) throw new Error('broken');
          await world.effect(mails)(event, delivery);
        },
        index: async () => void (others += 1),
      });
      world.startRelay();
      await world.place(1, 2);
      const dead = await deadLettersOf(mails.group, 2);
      broken = false;

      const { deadLetters } = world.connect('notification');
      const one = dead.find(
        ({ body }) => (JSON.parse(body) as { data: { number: number } }).data.number === 2,
      );
      expect(await deadLetters.show(mails.group, one?.messageId ?? '')).toEqual(one);
      expect(await deadLetters.redrive(mails.group, { messageId: one?.messageId ?? '' })).toBe(1);
      await eventually(async () => expect(await world.effects(mails)).toEqual([2]));
      const { rows } = await databases.reader.query<{ id: string }>({
        text: 'select event_id::text as id from effect',
      });
      expect(rows).toEqual([{ id: one?.messageId }]);

      expect(await deadLetters.redrive(mails.group, 'all')).toBe(1);
      await eventually(async () => expect(await world.effects(mails)).toEqual([1, 2]));
      expect(await deadLetters.list(mails.group)).toEqual([]);
      expect(others).toBe(2);
    });

    test('a dropped dead letter is gone, and only that one', async () => {
      world.startConsumers({ mails: () => Promise.reject(new Error('broken')) });
      world.startRelay();
      await world.place(1, 2);
      const dead = await deadLettersOf(mails.group, 2);
      const { deadLetters } = world.connect('notification');
      expect(await deadLetters.drop(mails.group, { messageId: dead[0]?.messageId ?? '' })).toBe(1);
      expect(await deadLetters.list(mails.group)).toEqual([dead[1]]);
      expect(await deadLetters.show(mails.group, dead[0]?.messageId ?? '')).toBeUndefined();
      expect(await deadLetters.drop(mails.group, 'all')).toBe(1);
      expect(await deadLetters.list(mails.group)).toEqual([]);
    });

    test('while what handlers need is away, a thousand messages wait without using up an attempt', async () => {
      let away = true;
      let probes = 0;
      const attempts = new Set<number>();
      const consumers = world.startConsumers(
        {
          mails: async (event, delivery) => {
            if (away) {
              probes += 1;
              throw new DependencyUnavailable('smtp');
            }
            attempts.add(delivery.attempt);
            await world.effect(mails)(event, delivery);
          },
        },
        { maxHoldMs: 100 },
      );
      world.startRelay();
      await world.place(...numbers(1_000));
      // Longer than any hold and than all retry delays together.
      await eventually(() => expect(probes).toBeGreaterThan(25), { timeoutMs: 15_000 });
      await eventually(async () => expect(await world.effects(index)).toHaveLength(1_000), {
        timeoutMs: 15_000,
      });
      expect(consumers.paused()).toEqual(new Map([[mails.group, 'smtp']]));
      expect(await world.effects(mails)).toEqual([]);

      away = false;
      await world.settledWith(numbers(1_000));
      expect(attempts).toEqual(new Set([1]));
      expect(consumers.paused()).toEqual(new Map());
      expect(world.observed.filter(({ kind }) => kind === 'dead' || kind === 'retried')).toEqual([]);
    }, 60_000);

    test('a handler that takes too long counts as failed, and the message comes again', async () => {
      let calls = 0;
      world.startConsumers(
        {
          mails: async (event, delivery) => {
            await world.effect(mails)(event, delivery);
            if ((calls += 1) === 1) await never();
          },
        },
        { handlerTimeoutMs: 150 },
      );
      world.startRelay();
      await world.place(1);
      await world.settledWith([1]);
      expect(calls).toBe(2);
    });

    test('a consumer that stops finishes what it has in hand', async () => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let begun = 0;
      const handle = async (...[event, delivery]: Parameters<ReturnType<typeof world.effect>>) => {
        begun += 1;
        await released;
        await world.effect(mails)(event, delivery);
      };
      const consumers = world.startConsumers({ mails: handle });
      world.startRelay();
      await world.place(1);
      await eventually(() => expect(begun).toBe(1));
      const stopped = consumers.stop(5_000);
      release();
      await stopped;
      expect(await world.effects(mails)).toEqual([1]);
      expect(await carrier.depth(mails.group, databases)).toBe(0);
    });

    test('what a stopping consumer cannot finish in its grace is handled by the next one', async () => {
      let begun = 0;
      const consumers = world.startConsumers({
        mails: async (event, delivery) => {
          await world.effect(mails)(event, delivery);
          begun += 1;
          await never();
        },
      });
      world.startRelay();
      await world.place(1);
      await eventually(() => expect(begun).toBe(1));
      await consumers.stop(50);
      world.startConsumers();
      await world.settledWith([1]);
    });
  });
}
