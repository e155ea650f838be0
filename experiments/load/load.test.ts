import fc from 'fast-check';
import { poissonArrivals } from './arrivals';
import { seeded } from './random';
import { quantile } from './samples';

describe('arrivals', () => {
  it('come at the rate asked for, in order, within the time, and the same ones for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 50 }), (seed, rate) => {
        const arrivals = poissonArrivals(rate, 100, seeded(seed));
        expect(arrivals).toEqual(poissonArrivals(rate, 100, seeded(seed)));
        expect(arrivals).toEqual(arrivals.toSorted((one, other) => one - other));
        expect(arrivals.at(-1) ?? 0).toBeLessThan(100_000);
        // Six standard deviations of a Poisson count.
        expect(Math.abs(arrivals.length - 100 * rate)).toBeLessThan(6 * Math.sqrt(100 * rate));
      }),
      { numRuns: 20 },
    );
  });

  it('are as bunched as independent people are: gaps vary as much as they are long', () => {
    const arrivals = poissonArrivals(100, 100, seeded(7));
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeGreaterThan(0.9);
    expect(deviation / mean).toBeLessThan(1.1);
  });
});

describe('quantiles', () => {
  it('are values that were measured, with that part at or below', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const found = quantile(values, q);
          expect(values).toContain(found);
          expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(
            q * values.length - 1e-9,
          );
        },
      ),
    );
    expect(quantile([], 0.5)).toBeNaN();
  });
});
