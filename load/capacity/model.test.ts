import fc from 'fast-check';
import { breaksOf } from './breaks';
import { type Costs, operationNames, partNames, type PartName } from './costs';
import { operating, planFor, serviceParts } from './plan';
import { concurrent, daily, habits, mixOf } from './population';
import { predictSaturation } from './saturation';

const perPart = (value: (part: PartName) => number) =>
  Object.fromEntries(partNames.map((part) => [part, value(part)])) as Record<PartName, number>;

/** Every operation costs the same. */
const flat = (cpuMs: (part: PartName) => number, idle = 0): Costs => ({
  cores: 2,
  node: '24.0.0',
  idleCores: perPart(() => idle),
  operations: Object.fromEntries(
    operationNames.map((name) => [
      name,
      {
        cpuMs: perPart(cpuMs),
        statements: 2,
        events: 1,
        deliveries: 3,
        keptBytes: 10_000,
        passingBytes: 5_000,
        walBytes: 20_000,
      },
    ]),
  ) as Costs['operations'],
});

const mix = mixOf(habits);

describe('saturation of one machine', () => {
  it('is reached when all cores are used up', () => {
    // Each part 0.1 ms, on 2 cores.
    const { perSecond, limit } = predictSaturation(
      flat(() => 0.1),
      mix,
      2,
    );
    expect(perSecond).toBeCloseTo(2_000 / (partNames.length * 0.1));
    expect(limit).toBe('machine');
  });

  it('is reached earlier when one process needs more than its one core', () => {
    const costs = flat((part) => (part === 'gateway' ? 1 : 0.01));
    expect(predictSaturation(costs, mix, 16)).toEqual({ perSecond: expect.closeTo(1_000), limit: 'gateway' });
  });

  it('but the database has all cores', () => {
    const costs = flat((part) => (part === 'postgresql' ? 1 : 0.001));
    expect(predictSaturation(costs, mix, 2).limit).toBe('machine');
  });

  it('leaves out what idle processes use', () => {
    const busy = predictSaturation(
      flat(() => 0.1, 0.05),
      mix,
      2,
    ).perSecond;
    expect(busy).toBeCloseTo((2_000 - partNames.length * 50) / (partNames.length * 0.1));
  });

  it('grows with cores and falls with cost', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        (ms, cores) => {
          const at = (cost: number, of: number) =>
            predictSaturation(
              flat(() => cost),
              mix,
              of,
            ).perSecond;
          expect(at(ms, cores + 1)).toBeGreaterThanOrEqual(at(ms, cores));
          expect(at(ms * 2, cores)).toBeCloseTo(at(ms, cores) / 2);
        },
      ),
    );
  });
});

describe('demand', () => {
  it('of users at once is one page view per think time each', () => {
    const { perSecond, ordersPerSecond } = concurrent(1_000_000, habits);
    expect(perSecond * (mix['catalog list'] + mix.search + mix['product page'])).toBeCloseTo(50_000);
    expect(ordersPerSecond).toBeCloseTo(perSecond * mix.purchase);
  });

  it('of users a day is that of the busiest minute', () => {
    const { perSecond, ordersPerDay } = daily(1_000_000, habits);
    const average = (1_000_000 * 12.23) / 86_400;
    expect(perSecond / average).toBeCloseTo(0.1 * 24 * 1.5);
    expect(ordersPerDay).toBe(30_000);
  });

  it('of a day is the same, told either way', () => {
    const day = daily(500_000, habits);
    const views = day.perSecond * (1 - mix['sign-in'] - mix.purchase);
    const same = concurrent(views * habits.thinkSeconds, habits);
    expect(same.perSecond).toBeCloseTo(day.perSecond);
    expect(same.ordersPerDay).toBeCloseTo(day.ordersPerDay);
  });
});

describe('a plan', () => {
  const demand = { title: '', perSecond: 1_000, ordersPerSecond: 10, ordersPerDay: 1_000 };

  it('has enough pods for the CPU at the wanted utilisation, and two of each at least', () => {
    const { pods } = planFor(
      flat((part) => (part === 'product' ? 6 : 0.01)),
      mix,
      demand,
      operating,
    );
    expect(pods.product).toBe(10);
    expect(pods.profile).toBe(2);
  });

  it('counts connections of the pods that have a database', () => {
    const plan = planFor(
      flat(() => 0.01),
      mix,
      demand,
      operating,
    );
    expect(plan.connections).toBe((serviceParts.length - 1) * 2 * 10);
  });

  it('keeps for a year what stays, and for a month what does not', () => {
    const plan = planFor(
      flat(() => 0.01),
      mix,
      demand,
      operating,
    );
    const arrivalsPerDay = 1_000 / mix.purchase;
    expect(plan.databaseGib).toBeCloseTo((arrivalsPerDay * (365 * 10_000 + 30 * 5_000)) / 1024 ** 3);
    expect(plan.backlog.messages).toBeCloseTo(1_000 * 3 * 3_600);
  });

  it('says first what gives way first', () => {
    const used = breaksOf(
      planFor(
        flat(() => 1),
        mix,
        demand,
        operating,
      ),
    ).map((part) => part.used);
    expect(used).toEqual([...used].sort((a, b) => b - a));
  });
});
