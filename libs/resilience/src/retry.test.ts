import fc from 'fast-check';
import { deadlineAfter } from './deadline';
import { BreakerOpen, BulkheadFull, DeadlineExceeded } from './errors';
import { retry, type RetryOptions } from './retry';
import { createRetryBudget } from './retry-budget';
import { createVirtualClock } from './virtual-clock';

const asking = (retryAfterMs: number) => Object.assign(new Error('busy'), { retryAfterMs });

/** Runs work that fails `failures` times on virtual time; tells the result and when each attempt began. */
async function run(failures: number, options: Partial<RetryOptions> = {}, error: Error = new Error('flaky')) {
  const clock = options.clock ?? createVirtualClock();
  const begun: number[] = [];
  const work = async (attempt: number) => {
    begun.push(clock.monotonic());
    if (attempt <= failures) throw error;
    return attempt;
  };
  const settled = retry(work, { random: () => 0.5, ...options, clock }).then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  await (clock as ReturnType<typeof createVirtualClock>).advance(600_000);
  return { ...(await settled), begun };
}

describe('retry', () => {
  it('returns the first success, and what the last attempt threw when none succeeds', async () => {
    expect(await run(2)).toMatchObject({ value: 3 });
    expect(await run(3)).toMatchObject({ thrown: new Error('flaky') });
    expect((await run(99, { attempts: 5 })).begun).toHaveLength(5);
    expect((await run(99, { attempts: 1 })).begun).toHaveLength(1);
  });

  it('draws each pause between 0 and a bound that doubles up to the longest', async () => {
    const bounds = { attempts: 6, baseDelayMs: 100, maxDelayMs: 400 };
    expect((await run(99, { ...bounds, random: () => 0 })).begun).toEqual([0, 0, 0, 0, 0, 0]);
    expect((await run(99, { ...bounds, random: () => 0.5 })).begun).toEqual([0, 50, 150, 350, 550, 750]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 5 }),
        async (draws) => {
          let next = 0;
          const { begun } = await run(99, { ...bounds, random: () => draws[next++] as number });
          const pauses = begun.slice(1).map((at, i) => at - (begun[i] as number));
          pauses.forEach((pause, i) => {
            expect(pause).toBeGreaterThanOrEqual(0);
            expect(pause).toBeLessThanOrEqual(Math.min(400, 100 * 2 ** i));
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('waits at least as long as the error asks, unless that is longer than it ever waits', async () => {
    const bounds = { baseDelayMs: 100, maxDelayMs: 1000 };
    expect((await run(1, bounds, asking(700))).begun).toEqual([0, 750]);
    expect(await run(1, bounds, asking(1001))).toMatchObject({ thrown: asking(1001), begun: [0] });
  });

  it('never starts an attempt after the deadline, and does not wait for one that could not start', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(500),
        fc.nat(100),
        fc.nat(100),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (deadlineMs, workMs, baseDelayMs, draw) => {
          const clock = createVirtualClock();
          const begun: number[] = [];
          const settled = retry(
            async () => {
              begun.push(clock.monotonic());
              await clock.sleep(workMs);
              throw new Error('flaky');
            },
            {
              attempts: 20,
              baseDelayMs,
              clock,
              deadline: deadlineAfter(clock, deadlineMs),
              random: () => draw,
            },
          ).catch(() => clock.monotonic());
          await clock.advance(60_000);
          expect(begun.every((at) => at < deadlineMs)).toBe(true);
          expect(await settled).toBeLessThanOrEqual(deadlineMs + workMs);
        },
      ),
      { numRuns: 100 },
    );
    const clock = createVirtualClock();
    expect(await run(0, { clock, deadline: deadlineAfter(clock, 0) })).toMatchObject({
      thrown: new DeadlineExceeded(),
      begun: [],
    });
  });

  it('does not repeat what cannot get better', async () => {
    const aborted = Object.assign(new Error('gone'), { name: 'AbortError' });
    for (const error of [
      new DeadlineExceeded(),
      new BreakerOpen('x', 1),
      new BulkheadFull('x', 1),
      aborted,
    ]) {
      expect(await run(1, {}, error)).toMatchObject({ thrown: error, begun: [0] });
    }
    expect((await run(1, { isRetryable: () => false })).begun).toEqual([0]);
  });

  it('gives up when the budget is spent, and says so', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ clock, ratio: 0, reserve: 3, windowMs: 1e12 });
    const onBudgetExhausted = jest.fn();
    const calls = [];
    for (let i = 0; i < 5; i++)
      calls.push((await run(99, { clock, budget, onBudgetExhausted })).begun.length);
    expect(calls).toEqual([3, 2, 1, 1, 1]);
    expect(onBudgetExhausted).toHaveBeenCalledTimes(4);
  });

  it('adds at most a tenth to the load when everything fails', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ clock, reserve: 10, windowMs: 10_000 });
    let attempts = 0;
    const failing = async () => {
      attempts += 1;
      throw new Error('down');
    };
    const calls = Array.from({ length: 2000 }, () =>
      retry(failing, { clock, budget }).catch(() => undefined),
    );
    await clock.advance(10_000);
    await Promise.all(calls);
    expect(attempts).toBeGreaterThanOrEqual(2000 + 100);
    expect(attempts).toBeLessThanOrEqual(2000 * 1.1 + 20);
  });

  it('ends its pause when the caller goes away', async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    const work = jest.fn(async () => {
      throw new Error('flaky');
    });
    const result = retry(work, { clock, signal: controller.signal, random: () => 0.9 });
    const expected = expect(result).rejects.toThrow('left');
    await clock.advance(1);
    controller.abort(new Error('left'));
    await expected;
    expect(work).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
