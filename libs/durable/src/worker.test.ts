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

test('waits longer each time while what its work needs is unavailable, however often it is woken', async () => {
  let isDown = true;
  let claimed = 0;
  const waits: number[] = [];
  const stage = createStage(
    createSlots(() => 2),
    {
      claim: () => Promise.resolve([{ id: (claimed += 1), end: () => undefined }]),
      mayBeMore: () => false,
      work: () => Promise.resolve(isDown ? ('unavailable' as const) : undefined),
      backoffMs: { min: 100, max: 400 },
    },
  );
  for (let round = 0; round < 4; round += 1) {
    await stage.settle();
    expect(claimed).toBe(round + 1);
    let waited = 0;
    for (; claimed === round + 1 && waited < 1_000; waited += 25) {
      stage.worker.wake();
      await stage.clock.advance(25);
      await stage.settle();
    }
    waits.push(waited);
  }
  // Three quarters of 100, 200, 400 and 400.
  expect(waits).toEqual([75, 150, 300, 300]);
  isDown = false;
  await stage.clock.advance(300);
  await stage.settle();
  isDown = true;
  stage.worker.wake();
  await stage.settle();
  const before = claimed;
  await stage.clock.advance(75);
  await stage.settle();
  expect(claimed).toBe(before + 1);
  await stage.stop();
});

test('a batch may be one piece: the worker claims again when the batch was full, and not when it was not', async () => {
  const rows = [1, 2, 3, 4, 5];
  const batches: number[][] = [];
  let claims = 0;
  const clock = createVirtualClock();
  const worker = createWorker<number[]>({
    name: 'test',
    slots: createSlots(() => 2),
    batch: 1,
    clock,
    logger: createLogger({ service: 'test', level: 'silent' }),
    pollMs: 1_000,
    claim: () => {
      claims += 1;
      const batch = rows.splice(0, 2);
      return Promise.resolve(batch.length === 0 ? [] : [batch]);
    },
    mayBeMore: ([batch]) => batch?.length === 2,
    work: (batch) => Promise.resolve(void batches.push(batch)),
  });
  const stop = new AbortController();
  const ended = worker.run(stop.signal);
  await clock.advance(0);
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  expect(claims).toBe(3);
  stop.abort();
  await ended;
});

test('is idle once nothing is in hand and nothing more is claimable, and not from a wake until it has looked', async () => {
  const stage = createStage(createSlots(() => 2));
  expect(stage.worker.isIdle()).toBe(false);
  await stage.settle();
  expect(stage.worker.isIdle()).toBe(true);
  stage.due.push(1);
  stage.worker.wake();
  expect(stage.worker.isIdle()).toBe(false);
  await stage.settle();
  expect(stage.worker.isIdle()).toBe(false);
  stage.inHand.get(1)!.end();
  await stage.settle();
  expect(stage.worker.isIdle()).toBe(true);
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
