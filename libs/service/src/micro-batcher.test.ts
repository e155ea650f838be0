import { AsyncLocalStorage } from 'node:async_hooks';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createMicroBatcher } from './micro-batcher';

class Outage extends Error {}

/** A batcher whose batches are recorded and wait until a test releases them. */
function setUp(
  options: {
    maxBatch?: number;
    maxQueue?: number;
    concurrency?: number;
    fails?: (items: readonly number[]) => Error | undefined;
  } = {},
) {
  const batches: number[][] = [];
  let open: () => void = () => undefined;
  let gate = Promise.resolve();
  const batcher = createMicroBatcher<number, string>({
    maxBatch: options.maxBatch ?? 100,
    maxQueue: options.maxQueue ?? 1_000,
    ...(options.concurrency && { concurrency: options.concurrency }),
    isOutage: (error) => error instanceof Outage,
    async run(items) {
      batches.push([...items]);
      await gate;
      const failure = options.fails?.(items);
      if (failure) throw failure;
      return items.map((item) => `done ${item}`);
    },
  });
  const close = () => {
    gate = new Promise((resolve) => (open = resolve));
  };
  return { batcher, batches, close, open: () => open() };
}

test('calls of one moment go together, and each gets its own result', async () => {
  const { batcher, batches } = setUp();
  expect(await Promise.all([1, 2, 3].map((item) => batcher.submit(item)))).toEqual([
    'done 1',
    'done 2',
    'done 3',
  ]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('what comes while a batch runs goes with the next one, in pieces of the largest size', async () => {
  const { batcher, batches, close, open } = setUp({ maxBatch: 2 });
  close();
  const first = batcher.submit(1);
  await new Promise((resolve) => setImmediate(resolve));
  const rest = [2, 3, 4].map((item) => batcher.submit(item));
  open();
  await Promise.all([first, ...rest]);
  expect(batches).toEqual([[1], [2, 3], [4]]);
});

test('no more batches run at once than may', async () => {
  const { batcher, batches, close, open } = setUp({ maxBatch: 1, concurrency: 2 });
  close();
  const all = [1, 2, 3].map((item) => batcher.submit(item));
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(batches).toEqual([[1], [2]]);
  open();
  expect(await Promise.all(all)).toEqual(['done 1', 'done 2', 'done 3']);
});

test('an item that arrives while a batcher runs out of work does not wait', async () => {
  const { batcher } = setUp();
  let asked = 0;
  const again = (): Promise<string> => batcher.submit(++asked).then((done) => (asked < 50 ? again() : done));
  expect(await again()).toBe('done 50');
  // The same with ever more turns of the microtask queue between an answer and the next call.
  for (let turns = 0; turns < 20; turns++) {
    await batcher.submit(0);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  }
  expect(await batcher.submit(51)).toBe('done 51');
});

test('a batch runs in the context of its first item, not in that of who came when the batcher was idle', async () => {
  const request = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const batcher = createMicroBatcher<number, number>({
    maxBatch: 10,
    maxQueue: 10,
    isOutage: () => true,
    async run(items) {
      seen.push(request.getStore());
      await new Promise((resolve) => setImmediate(resolve));
      return items;
    },
  });
  const first = request.run('first', () => batcher.submit(1));
  await new Promise((resolve) => setImmediate(resolve));
  const rest = ['second', 'third'].map((name, index) => request.run(name, () => batcher.submit(index)));
  await Promise.all([first, ...rest]);
  expect(seen).toEqual(['first', 'second']);
});

test('more than may wait are refused at once', async () => {
  const { batcher } = setUp({ maxQueue: 2 });
  const waiting = [batcher.submit(1), batcher.submit(2)];
  await expect(batcher.submit(3)).rejects.toMatchObject({ slug: 'overloaded' });
  await Promise.all(waiting);
});

test('what nobody waits for any more is not begun', async () => {
  const clock = createVirtualClock();
  const { batcher, batches, close, open } = setUp();
  close();
  const first = batcher.submit(1);
  await new Promise((resolve) => setImmediate(resolve));
  const late = batcher.submit(2, deadlineAfter(clock, 100));
  const expected = expect(late).rejects.toMatchObject({ name: 'DeadlineExceeded' });
  await clock.advance(101);
  open();
  await expected;
  await first;
  expect(batches).toEqual([[1]]);
});

test('one item that cannot be done does not fail its neighbours', async () => {
  const { batcher } = setUp({ fails: (items) => (items.includes(3) ? new Error('three') : undefined) });
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => batcher.submit(item)));
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    'done 1',
    'done 2',
    'failed',
    'done 4',
    'done 5',
  ]);
});

test('an outage fails the whole batch without trying it again', async () => {
  const { batcher, batches } = setUp({ fails: () => new Outage() });
  const results = await Promise.allSettled([1, 2].map((item) => batcher.submit(item)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(batches).toHaveLength(1);
});

test('goes on after a failure, and drains', async () => {
  let failing = true;
  const { batcher } = setUp({ fails: () => (failing ? new Outage() : undefined) });
  await expect(batcher.submit(1)).rejects.toThrow(Outage);
  failing = false;
  const again = batcher.submit(2);
  await batcher.drain();
  expect(await again).toBe('done 2');
});
