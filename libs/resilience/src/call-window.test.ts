import fc from 'fast-check';
import { createCallWindow } from './call-window';
import { createVirtualClock } from './virtual-clock';

describe('call window', () => {
  it('counts what happened within the window and forgets the rest', async () => {
    const calls = fc.array(fc.record({ waitMs: fc.nat(500), failed: fc.boolean() }), { maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(calls, async (run) => {
        const clock = createVirtualClock();
        const window = createCallWindow({ clock, windowMs: 1000, slots: 10 });
        const seen: { at: number; failed: boolean }[] = [];
        for (const { waitMs, failed } of run) {
          await clock.advance(waitMs);
          window.record(failed, 1);
          seen.push({ at: clock.monotonic(), failed });
        }
        // Exact up to the slot that is half in the window.
        const since = (ms: number) => seen.filter(({ at }) => at >= clock.monotonic() - ms);
        expect(window.calls).toBeLessThanOrEqual(since(1000).length);
        expect(window.calls).toBeGreaterThanOrEqual(since(900).length);
        expect(window.failures).toBeLessThanOrEqual(since(1000).filter(({ failed }) => failed).length);
        expect(window.failures).toBeGreaterThanOrEqual(since(900).filter(({ failed }) => failed).length);
      }),
      { numRuns: 50 },
    );
  });

  it('tells quantiles at most 20 % too high, from 1 ms to a minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 100 }),
        fc.constantFrom(0.5, 0.95, 1),
        (durations, q) => {
          const window = createCallWindow({ clock: createVirtualClock(), windowMs: 1000 });
          for (const duration of durations) window.record(false, duration);
          const exact = durations.toSorted((a, b) => a - b)[Math.ceil(q * durations.length) - 1] as number;
          expect(window.quantileMs(q)).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(window.quantileMs(q)).toBeLessThanOrEqual(exact * 1.2 * (1 + 1e-9));
        },
      ),
    );
  });

  it('knows no quantile without calls, and none after it was cleared', () => {
    const window = createCallWindow({ clock: createVirtualClock(), windowMs: 1000 });
    expect(window.quantileMs(0.95)).toBeUndefined();
    window.record(false, 0);
    window.record(false, 1e9);
    expect(window.quantileMs(0.5)).toBe(1);
    window.clear();
    expect([window.calls, window.quantileMs(0.95)]).toEqual([0, undefined]);
  });
});
