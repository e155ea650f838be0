import fc from 'fast-check';
import { type BulkheadOptions, createBulkhead } from './bulkhead';
import { deadlineAfter } from './deadline';
import { BulkheadFull, DeadlineExceeded } from './errors';
import type { Priority } from './priority';
import { createVirtualClock } from './virtual-clock';

const setUp = (options: Partial<BulkheadOptions> = {}) => {
  const clock = createVirtualClock();
  const bulkhead = createBulkhead({
    name: 'payment',
    clock,
    maxConcurrent: 1,
    maxQueued: 3,
    maxWaitMs: 1000,
    ...options,
  });
  const finished: string[] = [];
  const call = (name: string, workMs: number, callOptions: Parameters<typeof bulkhead.execute>[1] = {}) =>
    bulkhead
      .execute(() => clock.sleep(workMs), callOptions)
      .then(
        () => finished.push(name),
        (error: Error) => finished.push(`${name}: ${error.name}`),
      );
  return { clock, bulkhead, finished, call };
};

describe('bulkhead', () => {
  it('runs so many at once, lets so many wait, and refuses the rest at once', async () => {
    const { clock, bulkhead, finished, call } = setUp({ maxConcurrent: 2, maxQueued: 1 });
    for (const name of ['a', 'b', 'c', 'd']) void call(name, 100);
    await clock.advance(0);
    expect([bulkhead.inFlight, bulkhead.queued, finished]).toEqual([2, 1, ['d: BulkheadFull']]);
    await clock.advance(200);
    expect([bulkhead.inFlight, bulkhead.queued, finished]).toEqual([
      0,
      0,
      ['d: BulkheadFull', 'a', 'b', 'c'],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('serves those who wait by priority, and in order within one', async () => {
    const { clock, finished, call } = setUp({ maxQueued: 10 });
    void call('running', 10);
    const waiting: [string, Priority][] = [
      ['browse 1', 'browse'],
      ['buy 1', 'buy'],
      ['pay 1', 'pay'],
      ['buy 2', 'buy'],
      ['pay 2', 'pay'],
    ];
    for (const [name, priority] of waiting) void call(name, 10, { priority });
    await clock.advance(100);
    expect(finished).toEqual(['running', 'pay 1', 'pay 2', 'buy 1', 'buy 2', 'browse 1']);
  });

  it('turns the latest of the lowest priority away when a higher one finds the queue full', async () => {
    const { clock, finished, call } = setUp({ maxQueued: 2 });
    void call('running', 10);
    void call('browse 1', 10, { priority: 'browse' });
    void call('browse 2', 10, { priority: 'browse' });
    void call('pay', 10, { priority: 'pay' });
    void call('browse 3', 10, { priority: 'browse' });
    await clock.advance(100);
    expect(finished.toSorted()).toEqual(
      ['browse 2: BulkheadFull', 'browse 3: BulkheadFull', 'running', 'pay', 'browse 1'].toSorted(),
    );
    expect(finished.slice(-3)).toEqual(['running', 'pay', 'browse 1']);
  });

  it('turns away who browses before who buys when someone wants to pay', async () => {
    const { clock, finished, call } = setUp({ maxQueued: 2 });
    void call('running', 10);
    void call('browse', 10, { priority: 'browse' });
    void call('buy', 10, { priority: 'buy' });
    void call('pay', 10, { priority: 'pay' });
    await clock.advance(100);
    expect(finished).toEqual(['browse: BulkheadFull', 'running', 'pay', 'buy']);
  });

  it('lets nobody wait longer than allowed, past the deadline, or after leaving', async () => {
    const { clock, bulkhead, finished, call } = setUp({ maxWaitMs: 500 });
    const controller = new AbortController();
    void call('running', 2000);
    void call('patient', 1);
    void call('hurried', 1, { deadline: deadlineAfter(clock, 100) });
    void call('leaving', 1, { signal: controller.signal });
    await clock.advance(100);
    expect(finished).toEqual(['hurried: DeadlineExceeded']);
    controller.abort();
    await clock.advance(400);
    expect(finished.slice(1)).toEqual(['leaving: AbortError', 'patient: BulkheadFull']);
    expect([bulkhead.inFlight, bulkhead.queued, clock.pendingTimers]).toEqual([1, 0, 1]);
  });

  it('does not begin what is already too late or unwanted', async () => {
    const { clock, bulkhead } = setUp();
    const work = jest.fn(async () => 1);
    await expect(bulkhead.execute(work, { deadline: deadlineAfter(clock, 0) })).rejects.toThrow(
      DeadlineExceeded,
    );
    await expect(bulkhead.execute(work, { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow(
      'left',
    );
    expect(work).not.toHaveBeenCalled();
    expect(bulkhead.inFlight).toBe(0);
  });

  it('gives the place back when work throws, also synchronously, and passes its error on', async () => {
    const { bulkhead } = setUp();
    const broken = () => {
      throw new Error('broken');
    };
    for (let i = 0; i < 5; i++) await expect(bulkhead.execute(broken)).rejects.toThrow('broken');
    expect(bulkhead.inFlight).toBe(0);
  });

  it('keeps its bounds, loses nobody and ends empty, whatever comes', async () => {
    const calls = fc.array(
      fc.record({
        waitMs: fc.nat(30),
        workMs: fc.nat(100),
        priority: fc.constantFrom<Priority>('browse', 'buy', 'pay'),
        deadlineMs: fc.option(fc.nat(150), { nil: undefined }),
        abortAfterMs: fc.option(fc.nat(100), { nil: undefined }),
        fails: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(4),
        async (run, maxConcurrent, maxQueued) => {
          const { clock, bulkhead } = setUp({ maxConcurrent, maxQueued, maxWaitMs: 80 });
          let running = 0;
          let peak = 0;
          let longestWaitMs = 0;
          let ended = 0;
          for (const { waitMs, workMs, priority, deadlineMs, abortAfterMs, fails } of run) {
            const controller = new AbortController();
            if (abortAfterMs !== undefined) clock.setTimer(() => controller.abort(), abortAfterMs);
            const work = async () => {
              running += 1;
              peak = Math.max(peak, running);
              await clock.sleep(workMs);
              running -= 1;
              if (fails) throw new Error('broken');
            };
            const begunAt = clock.monotonic();
            void bulkhead
              .execute(work, {
                priority,
                signal: controller.signal,
                ...(deadlineMs !== undefined && { deadline: deadlineAfter(clock, deadlineMs) }),
              })
              .catch((error: Error) => {
                if (error instanceof BulkheadFull) {
                  longestWaitMs = Math.max(longestWaitMs, clock.monotonic() - begunAt);
                }
              })
              .finally(() => (ended += 1));
            await clock.advance(waitMs);
            expect(bulkhead.queued).toBeLessThanOrEqual(maxQueued);
            expect(bulkhead.inFlight).toBe(running);
            if (bulkhead.queued > 0) expect(bulkhead.inFlight).toBe(maxConcurrent);
          }
          await clock.advance(10_000);
          expect(peak).toBeLessThanOrEqual(maxConcurrent);
          expect(longestWaitMs).toBeLessThanOrEqual(80);
          expect([ended, bulkhead.inFlight, bulkhead.queued, clock.pendingTimers]).toEqual([
            run.length,
            0,
            0,
            0,
          ]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
