import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createLogger } from '@bulkhead/telemetry/logger';
import { createRamp } from './ramp';
import { createSlots, type Slots } from './slots';
import { createWorker, type WorkerOptions } from './worker';

interface Piece {
  readonly id: number;
  end(error?: Error): void;
}

/** Work that is due, in memory; a piece ends when the test says so. */
function createStage(slots: Slots, more: Partial<WorkerOptions<Piece>> = {}) {
  const clock = createVirtualClock();
  const due: number[] = [];
  const inHand = new Map<number, Piece>();
  const claims: number[] = [];
  const stop = new AbortController();
  const worker = createWorker<Piece>({
    name: 'test',
    slots,
    clock,
    logger: createLogger({ service: 'test', level: 'silent' }),
    pollMs: 1_000,
    random: () => 0.5,
    claim: (limit) => {
      const ids = due.splice(0, limit);
      claims.push(ids.length);
      return Promise.resolve(ids.map((id) => ({ id, end: () => undefined })));
    },
    work: ({ id }) =>
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error) => {
          inHand.delete(id);
          return error ? reject(error) : resolve();
        };
        inHand.set(id, { id, end });
      }),
    ...more,
  });
  const ended = worker.run(stop.signal);
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    clock,
    due,
    inHand,
    claims,
    worker,
    settle,
    stop: async () => {
      stop.abort();
      await settle();
      for (const piece of [...inHand.values()]) piece.end();
      await ended;
    },
  };
}

test('finds what is due when it is woken, and by itself after a while', async () => {
  const stage = createStage(createSlots(() => 4));
  await stage.settle();
  stage.due.push(1);
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([]);
  stage.worker.wake();
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1]);
  stage.due.push(2);
  await stage.clock.advance(1_000);
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1, 2]);
  await stage.stop();
});

test('a piece that hangs holds its own place and nothing else', async () => {
  const stage = createStage(createSlots(() => 2));
  stage.due.push(1, 2, 3, 4);
  stage.worker.wake();
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1, 2]);
  stage.inHand.get(2)!.end();
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1, 3]);
  stage.inHand.get(3)!.end(new Error('it failed'));
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1, 4]);
  await stage.stop();
});

test('claims nothing without a place for it', async () => {
  const slots = createSlots(() => 3);
  const stage = createStage(slots);
  stage.due.push(...Array.from({ length: 50 }, (_, id) => id));
  stage.worker.wake();
  await stage.settle();
  expect(stage.inHand.size).toBe(3);
  expect(stage.due).toHaveLength(47);
  expect(slots.taken).toBe(3);
  await stage.stop();
  expect(slots.taken).toBe(0);
});

test('shares places with others that take them from the same slots', async () => {
  const slots = createSlots(() => 2);
  expect(slots.take(1)).toBe(1);
  const stage = createStage(slots);
  stage.due.push(1, 2);
  stage.worker.wake();
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1]);
  slots.give();
  await stage.settle();
  expect([...stage.inHand.keys()]).toEqual([1, 2]);
  await stage.stop();
});

test('goes on after claims that fail, at the pace of its looks', async () => {
  let isDown = true;
  let asked = 0;
  const slots = createSlots(() => 2);
  const stage = createStage(slots, {
    claim: () => {
      asked += 1;
      return isDown ? Promise.reject(new Error('the database is down')) : Promise.resolve([]);
    },
  });
  await stage.settle();
  await stage.clock.advance(3_000);
  await stage.settle();
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThan(6);
  expect(slots.taken).toBe(0);
  isDown = false;
  await stage.stop();
});

test('grows with success: one piece after an outage, then two, then three', async () => {
  const ramp = createRamp(8);
  const stage = createStage(createSlots(ramp.limit));
  stage.due.push(...Array.from({ length: 20 }, (_, id) => id));
  stage.worker.wake();
  const atOnce: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await stage.settle();
    atOnce.push(stage.inHand.size);
    for (const piece of [...stage.inHand.values()]) {
      ramp.succeeded();
      piece.end();
    }
  }
  expect(atOnce).toEqual([1, 2, 4]);
  await stage.stop();
});

test('ends once what it had in hand has ended, and takes up nothing more', async () => {
  const stage = createStage(createSlots(() => 1));
  stage.due.push(1, 2);
  stage.worker.wake();
  await stage.settle();
  await stage.stop();
  expect(stage.due).toEqual([2]);
});

test('does what is due once, for tests and tools', async () => {
  const clock = createVirtualClock();
  const due = [1, 2, 3, 4, 5];
  const done: number[] = [];
  const worker = createWorker<number>({
    name: 'test',
    slots: createSlots(() => 2),
    clock,
    logger: createLogger({ service: 'test', level: 'silent' }),
    pollMs: 1_000,
    claim: (limit) => Promise.resolve(due.splice(0, limit)),
    work: (id) => Promise.resolve(void done.push(id)),
  });
  await worker.runOnce(new AbortController().signal);
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(clock.pendingTimers).toBe(0);
});
