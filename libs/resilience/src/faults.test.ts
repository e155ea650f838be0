import fc from 'fast-check';
import { drawLatencyMs, type FaultEffect, type FaultPoint, type FaultRule, matchesGlob } from './fault-rules';
import { createFaults, FaultsDisabled, InjectedFault } from './faults';
import { createVirtualClock } from './virtual-clock';

const payment = { kind: 'peer', name: 'payment' } as const;
const rule = (effect: FaultEffect, rest: Partial<FaultRule> = {}): FaultRule => ({
  id: 'slow-payment',
  target: payment,
  share: 1,
  durationMs: 10_000,
  ...rest,
  effect,
});
const fixed = (ms: number): FaultEffect => ({ type: 'latency', latency: { distribution: 'fixed', ms } });

const setUp = (random = () => 0.5) => {
  const clock = createVirtualClock();
  const seen: string[] = [];
  const crash = () => void seen.push('crash');
  const faults = createFaults({
    clock,
    enabled: true,
    random,
    crash,
    observer: {
      began: ({ id }) => seen.push(`${id} begins`),
      ended: ({ id }, why, struck) => seen.push(`${id} ${why} after ${struck}`),
    },
  });
  const work = jest.fn(async () => undefined);
  const outcome = (point: FaultPoint = payment, signal?: AbortSignal) =>
    faults.around(point, work, signal).then(
      () => clock.monotonic(),
      (error: unknown) => error,
    );
  return { clock, faults, outcome, work, seen };
};

describe('faults', () => {
  it('make a call slow for as long as the rule says', async () => {
    const { clock, faults, outcome } = setUp();
    faults.set([rule(fixed(300))]);
    const result = outcome();
    await clock.advance(1000);
    expect(await result).toBe(300);
  });

  it('make a call fail with the status and code asked for, or as a broken connection does', async () => {
    const { faults, outcome } = setUp();
    faults.set([rule({ type: 'error', status: 503, code: 'UNAVAILABLE' })]);
    expect(await outcome()).toMatchObject({ name: 'InjectedFault', status: 503, code: 'UNAVAILABLE' });
    faults.set([rule({ type: 'reset' })]);
    expect(await outcome()).toMatchObject({ status: 502, code: 'ECONNRESET' });
  });

  it('make a call hang until its caller gives up', async () => {
    const { clock, faults, outcome } = setUp();
    faults.set([rule({ type: 'hang' })]);
    const controller = new AbortController();
    const result = outcome(payment, controller.signal);
    await clock.advance(5000);
    controller.abort(new Error('gave up'));
    expect(await result).toEqual(new Error('gave up'));
  });

  it('apply only to what they name', async () => {
    const { faults, outcome } = setUp();
    faults.set([rule({ type: 'reset' }, { target: { kind: 'route', name: '/api/*/orders' } })]);
    expect(await outcome({ kind: 'route', name: '/api/v1/orders' })).toBeInstanceOf(InjectedFault);
    expect(await outcome({ kind: 'route', name: '/api/v1/orders/1' })).toBe(0);
    expect(await outcome({ kind: 'peer', name: '/api/v1/orders' })).toBe(0);
  });

  it('apply to their share of the calls', async () => {
    let draw = 0;
    const { faults, outcome } = setUp(() => (draw++ % 100) / 100);
    faults.set([rule({ type: 'reset' }, { share: 0.25 })]);
    const outcomes = await Promise.all(Array.from({ length: 400 }, () => outcome()));
    expect(outcomes.filter((each) => each instanceof InjectedFault)).toHaveLength(100);
  });

  it('end by themselves, and whoever they hold up goes on', async () => {
    const { clock, faults, outcome } = setUp();
    faults.set([rule({ type: 'hang' }, { durationMs: 2000 })]);
    const held = outcome();
    await clock.advance(500);
    expect(faults.list()).toMatchObject([{ id: 'slow-payment', remainingMs: 1500 }]);
    await clock.advance(1500);
    expect(await held).toBe(2000);
    expect(faults.list()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('end when other rules are set', async () => {
    const { clock, faults, outcome } = setUp();
    faults.set([rule({ type: 'hang' })]);
    const held = outcome();
    await clock.advance(500);
    faults.set([rule({ type: 'reset' }, { id: 'other' })]);
    expect(await held).toBe(500);
    expect(await outcome()).toBeInstanceOf(InjectedFault);
    faults.set([]);
    expect(await outcome()).toBe(500);
    expect(clock.pendingTimers).toBe(0);
  });

  it('add up when several apply at one point', async () => {
    const { clock, faults, outcome } = setUp();
    faults.set([rule(fixed(100)), rule(fixed(50), { id: 'b' }), rule({ type: 'reset' }, { id: 'c' })]);
    const result = outcome();
    await clock.advance(149);
    let settled = false;
    void result.then(() => (settled = true));
    await clock.advance(0);
    expect(settled).toBe(false);
    await clock.advance(1);
    expect(await result).toBeInstanceOf(InjectedFault);
  });

  it('cannot be set where they are switched off, and leave the work and the clock as they are there', async () => {
    const clock = createVirtualClock();
    const off = createFaults({ clock, enabled: false });
    expect(() => off.set([])).toThrow(FaultsDisabled);
    expect(off.clock).toBe(clock);
    const promise = Promise.resolve('done');
    expect(off.around(payment, () => promise)).toBe(promise);
  });

  it('apply to all operations of a peer, or to one', async () => {
    const { faults, outcome } = setUp();
    const authorise = { kind: 'peer', name: 'payment.authorise' } as const;
    const capture = { kind: 'peer', name: 'payment.capture' } as const;
    faults.set([rule({ type: 'reset' })]);
    expect(await outcome(authorise)).toBeInstanceOf(InjectedFault);
    expect(await outcome(capture)).toBeInstanceOf(InjectedFault);
    faults.set([rule({ type: 'reset' }, { target: authorise })]);
    expect(await outcome(authorise)).toBeInstanceOf(InjectedFault);
    expect(await outcome(capture)).toBe(0);
  });

  it('lose the answer of what was done, and do not do what they break', async () => {
    const { faults, outcome, work } = setUp();
    faults.set([rule({ type: 'answer-lost' })]);
    expect(await outcome()).toMatchObject({ effect: 'answer-lost', breaksConnection: true });
    expect(work).toHaveBeenCalledTimes(1);
    faults.set([rule({ type: 'reset' })]);
    expect(await outcome()).toMatchObject({ effect: 'reset', breaksConnection: true });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('set a capacity: so many places, each taken for so long, first come first served', async () => {
    const { clock, faults, outcome } = setUp();
    faults.set([rule({ type: 'queue', places: 2, ms: 100 })]);
    const ends = Array.from({ length: 6 }, () => outcome());
    await clock.advance(1_000);
    expect(await Promise.all(ends)).toEqual([100, 100, 200, 200, 300, 300]);
    faults.set([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('put the wall clock wrong, but no duration', async () => {
    const { clock, faults } = setUp();
    const before = faults.clock.monotonic();
    const skew = rule({ type: 'skew', ms: -90_000 }, { target: { kind: 'process', name: '*' } });
    faults.set([skew]);
    expect(faults.clock.now()).toBe(clock.now() - 90_000);
    expect(faults.clock.monotonic()).toBe(before);
    await clock.advance(10_000);
    expect(faults.clock.now()).toBe(clock.now());
  });

  it('crash the process, a moment after it was told to', async () => {
    const { clock, faults, seen } = setUp();
    faults.set([rule({ type: 'crash' }, { target: { kind: 'process', name: '*' } })]);
    expect(seen).not.toContain('crash');
    await clock.advance(100);
    expect(seen).toContain('crash');
  });

  it('are seen beginning, striking and ending', async () => {
    const { clock, faults, outcome, seen } = setUp();
    faults.set([rule({ type: 'reset' })]);
    await outcome();
    expect(faults.list()).toMatchObject([{ struck: 1 }]);
    await clock.advance(10_000);
    expect(seen).toEqual(['slow-payment begins', 'slow-payment expired after 1']);
  });

  it.each<[string, FaultRule[]]>([
    ['at most 32', Array.from({ length: 33 }, (_, i) => rule({ type: 'hang' }, { id: String(i) }))],
    ['id of its own', [rule({ type: 'hang' }), rule({ type: 'reset' })]],
    ['durationMs', [rule({ type: 'hang' }, { durationMs: 600_001 })]],
    ['durationMs', [rule({ type: 'hang' }, { durationMs: Infinity })]],
    ['durationMs', [rule({ type: 'hang' }, { durationMs: NaN })]],
    ['share', [rule({ type: 'hang' }, { share: 1.01 })]],
    ['latencies', [rule(fixed(60_001))]],
    ['latencies', [rule({ type: 'latency', latency: { distribution: 'uniform', minMs: -1, maxMs: 5 } })]],
    ['status', [rule({ type: 'error', status: 200 })]],
    ['not to peer', [rule({ type: 'skew', ms: 1 })]],
    ['not to peer', [rule({ type: 'decline' })]],
    ['ms must be', [rule({ type: 'block', ms: 60_000 })]],
    ['places', [rule({ type: 'queue', places: 0, ms: 10 })]],
  ])('are refused beyond their bounds (%s), leaving those in force', (sentence, rules) => {
    const { faults } = setUp();
    faults.set([rule({ type: 'hang' }, { id: 'in force' })]);
    expect(() => faults.set(rules)).toThrow(sentence);
    expect(faults.list().map(({ id }) => id)).toEqual(['in force']);
    faults.set([]);
  });
});

describe('latency draws', () => {
  const draws = (latency: Parameters<typeof drawLatencyMs>[0]) => {
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    return Array.from({ length: 5000 }, () => drawLatencyMs(latency, random));
  };
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('are even between two bounds', () => {
    const values = draws({ distribution: 'uniform', minMs: 100, maxMs: 300 });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...values)).toBeLessThanOrEqual(300);
    expect(mean(values)).toBeCloseTo(200, -1);
  });

  it('lie normally around their mean, and are never negative', () => {
    const values = draws({ distribution: 'normal', meanMs: 200, stddevMs: 20 });
    expect(mean(values)).toBeCloseTo(200, -1);
    const within = values.filter((value) => Math.abs(value - 200) <= 20).length / values.length;
    expect(within).toBeGreaterThan(0.64);
    expect(within).toBeLessThan(0.72);
    expect(Math.min(...draws({ distribution: 'normal', meanMs: 1, stddevMs: 100 }))).toBe(0);
  });
});

describe('name globs', () => {
  it('match what the same regular expression would', () => {
    const letters = (alphabet: string) => fc.array(fc.constantFrom(...alphabet), { maxLength: 8 });
    fc.assert(
      fc.property(letters('ab*'), letters('ab'), (pattern, name) => {
        const expression = new RegExp(`^${pattern.join('').replaceAll('*', '.*')}$`);
        expect(matchesGlob(pattern.join(''), name.join(''))).toBe(expression.test(name.join('')));
      }),
      { numRuns: 2000 },
    );
  });
});
