import fc from 'fast-check';
import { type Carrier, createTestDatabases, createWorld, type TestDatabases } from './world';

const step = fc.record({
  events: fc.integer({ min: 1, max: 6 }),
  relayDies: fc.constantFrom('claimed', 'published', undefined),
  consumerDies: fc.constantFrom('handled', undefined),
  /** Which message or batch is the last one. */
  after: fc.integer({ min: 0, max: 2 }),
});

/** The guarantee that is hardest to keep, in random histories of sends and crashes. */
export function describeCrashes(name: string, openCarrier: () => Promise<Carrier>): void {
  describe(`crashes over ${name}`, () => {
    let databases: TestDatabases;
    let carrier: Carrier;
    beforeAll(async () => {
      databases = await createTestDatabases();
      carrier = await openCarrier();
    }, 120_000);
    afterAll(async () => {
      await carrier?.close();
      await databases?.drop();
    });

    test('whatever dies in between, every event has its effect in every group exactly once', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
          const world = createWorld(carrier, databases);
          let sent = 0;
          try {
            for (const { events, relayDies, consumerDies, after } of steps) {
              const relay = deathAt(relayDies, 0);
              const consumer = deathAt(consumerDies, after);
              world.startConsumers({}, { checkpoint: consumer.checkpoint, concurrency: 2 });
              world.startRelay({ checkpoint: relay.checkpoint, batchSize: 3 });
              await world.place(...Array.from({ length: events }, () => (sent += 1)));
              if (relayDies) await relay.died;
              await world.abandon();
            }
            world.startConsumers();
            world.startRelay();
            await world.settledWith(Array.from({ length: sent }, (_, n) => n + 1));
          } finally {
            await world.stop();
            await databases.clear();
            await carrier.reset();
          }
        }),
        { numRuns: 12, endOnFailure: true },
      );
    }, 120_000);
  });
}

/** A checkpoint that is passed `after` times and then never returns: nothing after that point happens any more. */
function deathAt<Point extends string>(point: Point | undefined, after: number) {
  let passes = 0;
  let tell: () => void = () => undefined;
  const died = new Promise<void>((resolve) => (tell = resolve));
  const checkpoint = async (reached: string): Promise<void> => {
    if (reached !== point || passes++ < after) return;
    tell();
    await new Promise<never>(() => undefined);
  };
  return { checkpoint, died };
}
