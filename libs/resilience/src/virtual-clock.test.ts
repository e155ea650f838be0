import fc from 'fast-check';
import { createVirtualClock } from './virtual-clock';

describe('virtual clock', () => {
  it('runs timers in the order of their times, each at its own moment, whatever order they were set in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 20 }), fc.nat(1200), async (delays, until) => {
        const clock = createVirtualClock();
        const ran: number[] = [];
        for (const delay of delays) {
          clock.setTimer(() => {
            expect(clock.monotonic()).toBe(delay);
            ran.push(delay);
          }, delay);
        }
        await clock.advance(until);
        expect(ran).toEqual(delays.filter((delay) => delay <= until).sort((a, b) => a - b));
        expect(clock.pendingTimers).toBe(delays.length - ran.length);
        expect(clock.monotonic()).toBe(until);
      }),
      { numRuns: 50 },
    );
  });

  it('settles what one timer sets off before the next one runs', async () => {
    const clock = createVirtualClock();
    const log: string[] = [];
    const loop = async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10);
        log.push(`loop ${clock.monotonic()}`);
      }
    };
    void loop();
    clock.setTimer(() => log.push('timer 25'), 25);
    await clock.advance(30);
    expect(log).toEqual(['loop 10', 'loop 20', 'timer 25', 'loop 30']);
  });

  it('returns the time since its start and never runs a cancelled timer', async () => {
    const clock = createVirtualClock({ startMs: 1_000_000 });
    const cancelled = jest.fn();
    const timer = clock.setTimer(cancelled, 5);
    timer.cancel();
    await clock.advance(10);
    expect(clock.now()).toBe(1_000_010);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('ends a sleep with the reason of its signal and leaves no timer', async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    const slept = clock.sleep(1000, controller.signal);
    controller.abort(new Error('never mind'));
    await expect(slept).rejects.toThrow('never mind');
    expect(clock.pendingTimers).toBe(0);
  });
});
