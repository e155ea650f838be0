import { serviceNames } from '@bulkhead/contracts/services';
import { checkFaultRules } from '@bulkhead/resilience/fault-rules';
import fc from 'fast-check';
import { planChaos } from './schedule';

const anySeed = fc.integer({ min: 0, max: 2 ** 31 });
const anySeconds = fc.integer({ min: 60, max: 3_600 });

describe('the schedule of a chaos run', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(anySeed, anySeconds, (seed, seconds) => {
        expect(planChaos(seed, seconds)).toEqual(planChaos(seed, seconds));
        expect(planChaos(seed, seconds)).not.toEqual(planChaos(seed + 1, seconds));
      }),
    );
  });

  it('kills every service, the broker and the database exactly once', () => {
    fc.assert(
      fc.property(anySeed, anySeconds, (seed, seconds) => {
        const blows = planChaos(seed, seconds).map(({ blow }) => blow);
        const killed = blows.flatMap((blow) => (blow.kind === 'kill' ? [blow.service] : []));
        expect(killed.toSorted()).toEqual([...serviceNames].toSorted());
        expect(blows.filter(({ kind }) => kind === 'kill-broker')).toHaveLength(1);
        expect(blows.filter(({ kind }) => kind === 'kill-database')).toHaveLength(1);
      }),
    );
  });

  it('leaves the shop time to warm up and to be seen well again, and is in order', () => {
    fc.assert(
      fc.property(anySeed, anySeconds, (seed, seconds) => {
        const times = planChaos(seed, seconds).map(({ at }) => at);
        expect(times).toEqual(times.toSorted((one, other) => one - other));
        expect(times[0]).toBeGreaterThanOrEqual(5);
        expect(times.at(-1)).toBeLessThanOrEqual(seconds - 8);
      }),
    );
  });

  it('has only faults that a service accepts, and that end by themselves', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        for (const { blow } of planChaos(seed, 120))
          if (blow.kind === 'fault')
            checkFaultRules([{ id: 'f', share: 1, durationMs: blow.ms, ...blow.fault }]);
      }),
    );
  });
});
