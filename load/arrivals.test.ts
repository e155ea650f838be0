import fc from 'fast-check';
import { arrivals, constant, ramp } from './arrivals';

const rate = fc.integer({ min: 1, max: 500 });
const seconds = fc.integer({ min: 1, max: 20 });
const stages = fc.array(fc.record({ from: rate, to: rate, seconds }), { minLength: 1, maxLength: 4 });

describe('arrivals', () => {
  it('are as many as the rates add up to, in order, and within the time', () => {
    fc.assert(
      fc.property(stages, (plan) => {
        const times = [...arrivals(plan)];
        const count = plan.reduce((sum, { from, to, seconds: s }) => sum + ((from + to) / 2) * s, 0);
        const totalMs = plan.reduce((sum, stage) => sum + stage.seconds * 1_000, 0);
        expect(Math.abs(times.length - count)).toBeLessThanOrEqual(1);
        expect(times.every((time, index) => index === 0 || time >= times[index - 1]!)).toBe(true);
        expect(times.every((time) => time >= 0 && time <= totalMs + 1)).toBe(true);
      }),
    );
  });

  it('at a constant rate are evenly spaced', () => {
    expect([...arrivals([constant(4, 1)])]).toEqual([0, 250, 500, 750]);
  });

  it('of a ramp from nothing are as dense at each moment as the rate then', () => {
    const times = [...arrivals([ramp(0, 100, 10)])];
    expect(times).toHaveLength(500);
    // The first half of the time sees a quarter of them.
    expect(times.filter((time) => time < 5_000)).toHaveLength(125);
  });
});
