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
          window.record(failed);
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

  it('forgets everything when it is cleared', () => {
    const window = createCallWindow({ clock: createVirtualClock(), windowMs: 1000 });
    window.record(true);
    expect([window.calls, window.failures]).toEqual([1, 1]);
    window.clear();
    expect([window.calls, window.failures]).toEqual([0, 0]);
  });
});
