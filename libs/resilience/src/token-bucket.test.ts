import fc from 'fast-check';
import { createTokenBuckets } from './token-bucket';
import { createVirtualClock } from './virtual-clock';

const setUp = (options: { capacity?: number; refillPerSecond?: number; maxKeys?: number } = {}) => {
  const clock = createVirtualClock();
  const buckets = createTokenBuckets({ capacity: 5, refillPerSecond: 2, maxKeys: 100, ...options, clock });
  return { clock, buckets };
};

describe('token buckets', () => {
  it('allow a burst of their capacity, then what is refilled', async () => {
    const { clock, buckets } = setUp();
    const allowed = () => Array.from({ length: 6 }, () => buckets.take('ada').allowed);
    expect(allowed()).toEqual([true, true, true, true, true, false]);
    await clock.advance(1000);
    expect(allowed()).toEqual([true, true, false, false, false, false]);
  });

  it('tell what the RateLimit headers need, and the wait they name is the one it takes', async () => {
    const { clock, buckets } = setUp();
    expect(buckets.take('ada', 5)).toEqual({
      allowed: true,
      remaining: 0,
      limit: 5,
      resetMs: 2500,
      retryAfterMs: 0,
    });
    const refused = buckets.take('ada');
    expect(refused).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 500 });
    await clock.advance(refused.retryAfterMs - 1);
    expect(buckets.take('ada').allowed).toBe(false);
    await clock.advance(1);
    expect(buckets.take('ada').allowed).toBe(true);
  });

  it('save nothing up beyond their capacity', async () => {
    const { clock, buckets } = setUp();
    buckets.take('ada');
    await clock.advance(3_600_000);
    expect(buckets.take('ada')).toMatchObject({ remaining: 4, resetMs: 500 });
  });

  it('do not share between keys', () => {
    const { buckets } = setUp({ capacity: 1 });
    expect(buckets.take('ada').allowed).toBe(true);
    expect(buckets.take('ada').allowed).toBe(false);
    expect(buckets.take('bob').allowed).toBe(true);
  });

  it('never allow more than capacity + rate × time, however the calls are spread', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.record({ waitMs: fc.nat(400), cost: fc.integer({ min: 1, max: 3 }) }), { maxLength: 60 }),
        async (capacity, refillPerSecond, calls) => {
          const { clock, buckets } = setUp({ capacity, refillPerSecond });
          let taken = 0;
          for (const { waitMs, cost } of calls) {
            await clock.advance(waitMs);
            if (buckets.take('ada', Math.min(cost, capacity)).allowed) taken += Math.min(cost, capacity);
            expect(taken).toBeLessThanOrEqual(capacity + (refillPerSecond * clock.monotonic()) / 1000 + 1e-6);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('remember a bounded number of keys and forget the least recently used', () => {
    const { buckets } = setUp({ capacity: 1, maxKeys: 2 });
    buckets.take('ada');
    buckets.take('bob');
    buckets.take('ada');
    buckets.take('eve');
    expect(buckets.size).toBe(2);
    expect(buckets.take('ada').allowed).toBe(false);
    expect(buckets.take('bob').allowed).toBe(true);
  });

  it('refuse a cost that no bucket could ever pay, and settings that make no sense', () => {
    expect(() => setUp().buckets.take('ada', 6)).toThrow(RangeError);
    expect(() => setUp({ refillPerSecond: 0 })).toThrow(RangeError);
  });
});
