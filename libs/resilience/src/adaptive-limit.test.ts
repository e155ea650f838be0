import fc from 'fast-check';
import { type AdaptiveLimit, createAdaptiveLimit, type Release } from './adaptive-limit';
import type { Priority } from './priority';
import { createVirtualClock, type VirtualClock } from './virtual-clock';

const priorities: readonly Priority[] = ['browse', 'buy', 'pay'];

/** A server with `workers` that take `serviceMs` each, asked for more than it can do: latency grows with the queue. */
async function overload(
  clock: VirtualClock,
  limit: AdaptiveLimit,
  load: { workers: number; serviceMs: number; seconds: number; offered?: number },
) {
  const { workers, serviceMs, seconds, offered = Infinity } = load;
  const queue: Release[] = [];
  const until = clock.monotonic() + seconds * 1000;
  while (clock.monotonic() < until) {
    for (let release; queue.length < offered && (release = limit.tryAcquire('pay'));) queue.push(release);
    await clock.advance(serviceMs);
    for (const release of queue.splice(0, workers)) release();
  }
  for (const release of queue) release({ ignored: true });
}

describe('adaptive limit', () => {
  it('admits up to the limit, and again once a place is given back', () => {
    const limit = createAdaptiveLimit({ clock: createVirtualClock(), initialLimit: 10, minLimit: 1 });
    const held = Array.from({ length: 10 }, () => limit.tryAcquire('pay'));
    expect(held.every((release) => release)).toBe(true);
    expect(limit.tryAcquire('pay')).toBeUndefined();
    held[0]?.();
    held[0]?.();
    expect(limit.inFlight).toBe(9);
    expect(limit.tryAcquire('pay')).toBeDefined();
    expect(limit.tryAcquire('pay')).toBeUndefined();
  });

  it('sheds browsing first, then buying, then paying', () => {
    const limit = createAdaptiveLimit({ clock: createVirtualClock(), initialLimit: 20 });
    const admitted = (priority: Priority) => {
      let count = 0;
      while (limit.tryAcquire(priority)) count += 1;
      return count;
    };
    expect([admitted('browse'), admitted('buy'), admitted('pay')]).toEqual([16, 2, 2]);
  });

  it('never admits a lower priority where a higher one would be refused, and never exceeds its bounds', async () => {
    const steps = fc.array(
      fc.record({
        priority: fc.constantFrom(...priorities),
        releases: fc.nat(4),
        dropped: fc.boolean(),
        waitMs: fc.nat(300),
      }),
      { maxLength: 200 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const clock = createVirtualClock();
        const limit = createAdaptiveLimit({ clock, minLimit: 4, maxLimit: 16, initialLimit: 6 });
        const held: Release[] = [];
        for (const { priority, releases, dropped, waitMs } of run) {
          const release = limit.tryAcquire(priority);
          if (release) held.push(release);
          else {
            const lower = priorities.slice(0, priorities.indexOf(priority));
            for (const other of lower) expect(limit.tryAcquire(other)).toBeUndefined();
          }
          await clock.advance(waitMs);
          for (const each of held.splice(0, releases)) each({ dropped });
          expect(limit.inFlight).toBe(held.length);
          expect(limit.inFlight).toBeLessThanOrEqual(16);
          expect(limit.limit).toBeGreaterThanOrEqual(4);
          expect(limit.limit).toBeLessThanOrEqual(16);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('shrinks under overload until work takes about twice its unloaded time, and stays there', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, initialLimit: 200 });
    await overload(clock, limit, { workers: 20, serviceMs: 10, seconds: 5, offered: 20 });
    await overload(clock, limit, { workers: 20, serviceMs: 10, seconds: 30 });
    const soon = limit.limit;
    await overload(clock, limit, { workers: 20, serviceMs: 10, seconds: 120 });
    expect(soon).toBeLessThan(100);
    expect(soon).toBeGreaterThanOrEqual(20);
    expect(limit.limit).toBeLessThan(soon * 1.5);
  });

  it('grows while latency stays as it is', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, initialLimit: 10, maxLimit: 100 });
    await overload(clock, limit, { workers: 1000, serviceMs: 10, seconds: 20 });
    expect(limit.limit).toBe(100);
  });

  it('keeps its limit when work is slow but little, and when only one kind of many is slow', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, initialLimit: 50 });
    const run = async (ms: number, count: number) => {
      const releases = Array.from({ length: count }, () => limit.tryAcquire('pay'));
      await clock.advance(ms);
      for (const release of releases) release?.();
    };
    for (let i = 0; i < 100; i++) await run(10, 5);
    for (let i = 0; i < 20; i++) await run(1000, 5);
    expect(limit.limit).toBe(50);

    for (let i = 0; i < 20; i++) {
      const slow = Array.from({ length: 20 }, () => limit.tryAcquire('pay'));
      for (let j = 0; j < 100; j++) await run(10, 10);
      for (const release of slow) release?.();
    }
    expect(limit.limit).toBeGreaterThanOrEqual(50);
  });

  it('never shrinks because more of the work is of a slow kind, such as orders that wait for a payment', async () => {
    const batch = fc.record({
      slow: fc.double({ min: 0, max: 1, noNaN: true }),
      times: fc.integer({ min: 1, max: 40 }),
    });
    const scenario = fc.record({
      quickMs: fc.integer({ min: 1, max: 50 }),
      slowMs: fc.integer({ min: 51, max: 2_000 }),
      batches: fc.array(batch, { minLength: 2, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ quickMs, slowMs, batches }) => {
        const clock = createVirtualClock();
        const limit = createAdaptiveLimit({ clock, initialLimit: 40 });
        for (const { slow, times } of batches)
          for (let time = 0; time < times; time++) {
            const count = Math.round(30 * slow);
            const take = (kind: string, length: number) =>
              Array.from({ length }, () => limit.tryAcquire('pay', kind));
            const orders = take('order', count);
            const pages = take('browse', 30 - count);
            await clock.advance(quickMs);
            for (const release of pages) release?.();
            await clock.advance(slowMs - quickMs);
            for (const release of orders) release?.();
            expect(limit.limit).toBeGreaterThanOrEqual(40);
          }
      }),
      { numRuns: 30 },
    );
  });

  it('finds its way back when the whole machine has become slower for good', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, minLimit: 8, maxLimit: 100 });
    await overload(clock, limit, { workers: 1000, serviceMs: 10, seconds: 20 });
    await overload(clock, limit, { workers: 1000, serviceMs: 200, seconds: 4 });
    expect(limit.limit).toBeLessThan(20);
    await overload(clock, limit, { workers: 1000, serviceMs: 200, seconds: 60 });
    expect(limit.limit).toBe(100);
  });

  it('does not take a lasting overload for normal, even where the minimum is more than can be done', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, minLimit: 8 });
    await overload(clock, limit, { workers: 1, serviceMs: 10, seconds: 5, offered: 1 });
    await overload(clock, limit, { workers: 1, serviceMs: 10, seconds: 300 });
    expect(limit.limit).toBeLessThan(32);
  });

  it('does not take quick failures for quick work', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, initialLimit: 50, minLimit: 8, maxLimit: 50 });
    const run = async (ms: number, failed: boolean) => {
      const releases = Array.from({ length: 40 }, () => limit.tryAcquire('pay', 'read'));
      await clock.advance(ms);
      for (const release of releases) release?.({ failed });
    };
    for (let i = 0; i < 1000; i++) await run(1, true);
    for (let i = 0; i < 100; i++) await run(50, false);
    for (let i = 0; i < 1000; i++) await run(1, true);
    for (let i = 0; i < 100; i++) {
      await run(50, false);
      expect(limit.limit).toBe(50);
    }
    for (let i = 0; i < 20; i++) await run(1_000, true);
    expect(limit.limit).toBeLessThan(50);
  });

  it('shrinks when most work is dropped, however fast', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, initialLimit: 100, minLimit: 5 });
    for (let i = 0; i < 200; i++) {
      const held: Release[] = [];
      for (let release; (release = limit.tryAcquire('pay'));) held.push(release);
      await clock.advance(100);
      for (const release of held) release({ dropped: true });
    }
    expect(limit.limit).toBeLessThanOrEqual(6);
  });

  it('learns nothing from what is ignored, such as event streams', async () => {
    const clock = createVirtualClock();
    const limit = createAdaptiveLimit({ clock, initialLimit: 20 });
    for (let i = 0; i < 50; i++) {
      const held: Release[] = [];
      for (let release; (release = limit.tryAcquire('pay'));) held.push(release);
      await clock.advance(60_000);
      for (const release of held) release({ ignored: true });
    }
    expect([limit.limit, limit.inFlight]).toEqual([20, 0]);
  });
});
