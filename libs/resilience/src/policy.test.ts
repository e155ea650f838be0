import fc from 'fast-check';
import { type BulkheadOptions, createBulkhead } from './bulkhead';
import { type CircuitBreakerOptions, createCircuitBreaker } from './circuit-breaker';
import { deadlineAfter } from './deadline';
import { AttemptTimeout, BreakerOpen, BulkheadFull, DeadlineExceeded } from './errors';
import { createPolicy, type PolicyExecuteOptions, type PolicyObserver, type PolicyOptions } from './policy';
import { createRetryBudget } from './retry-budget';
import { createVirtualClock } from './virtual-clock';

interface Parts extends Partial<Omit<PolicyOptions, 'breaker' | 'bulkhead'>> {
  breaker?: Partial<CircuitBreakerOptions>;
  bulkhead?: Partial<BulkheadOptions>;
}

const setUp = (parts: Parts = {}) => {
  const clock = createVirtualClock();
  const events: string[] = [];
  const observer: PolicyObserver = {
    attempt: ({ attempt, durationMs, error }) =>
      events.push(`attempt ${attempt} ${durationMs} ${(error as Error | undefined)?.name ?? 'ok'}`),
    retry: ({ attempt, delayMs }) => events.push(`retry ${attempt} ${delayMs}`),
    rejected: ({ reason }) => events.push(`rejected ${reason}`),
    stateChange: ({ to }) => events.push(to),
    done: ({ durationMs, error }) =>
      events.push(`done ${durationMs} ${(error as Error | undefined)?.name ?? 'ok'}`),
  };
  const breaker = createCircuitBreaker({ name: 'payment', clock, minimumCalls: 2, ...parts.breaker });
  const bulkhead = createBulkhead({ name: 'payment', clock, maxConcurrent: 1, ...parts.bulkhead });
  const policy = createPolicy({
    name: 'payment',
    clock,
    observer,
    random: () => 0.5,
    ...parts,
    breaker,
    bulkhead,
  });
  const outcome = (work: (signal: AbortSignal) => Promise<unknown>, options?: PolicyExecuteOptions) =>
    policy.execute(work, options).then(
      (value) => ({ value, at: clock.monotonic() }),
      (error: unknown) => ({ error, at: clock.monotonic() }),
    );
  return { clock, breaker, bulkhead, policy, events, outcome };
};

const hang = () => new Promise<never>(() => {});
const failing = async () => {
  throw new Error('down');
};

describe('policy', () => {
  it('passes a success through and notifies its observer', async () => {
    const { policy, events } = setUp();
    await expect(policy.execute(async () => 'paid')).resolves.toBe('paid');
    expect(events).toEqual(['attempt 1 0 ok', 'done 0 ok']);
  });

  it('ends an attempt at its timeout and, where allowed, makes another', async () => {
    const { clock, events, outcome } = setUp({ timeoutMs: 100, retry: { attempts: 2, baseDelayMs: 40 } });
    let calls = 0;
    const slowOnce = () => (++calls === 1 ? hang() : Promise.resolve('paid'));
    const result = outcome(slowOnce, { retryable: true });
    await clock.advance(1000);
    expect(await result).toEqual({ value: 'paid', at: 120 });
    expect(events).toEqual(['attempt 1 100 AttemptTimeout', 'retry 1 20', 'attempt 2 0 ok', 'done 120 ok']);
  });

  it('does not repeat work unless it is said to be repeatable', async () => {
    const { outcome } = setUp({ retry: { attempts: 5 } });
    const work = jest.fn(failing);
    expect(await outcome(work)).toMatchObject({ error: new Error('down') });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('ends everything at the deadline: work, wait for a place, and pauses', async () => {
    const { clock, outcome, events } = setUp({
      timeoutMs: 1000,
      bulkhead: { maxQueued: 5, maxWaitMs: 1000 },
      retry: { attempts: 99, baseDelayMs: 50, maxDelayMs: 50 },
    });
    const deadline = deadlineAfter(clock, 200);
    const results = Promise.all([
      outcome(hang, { deadline, retryable: true }),
      outcome(hang, { deadline, retryable: true }),
    ]);
    await clock.advance(5000);
    for (const result of await results)
      expect(result).toMatchObject({ error: new DeadlineExceeded(), at: 200 });
    expect(await outcome(hang, { deadline })).toMatchObject({ error: new DeadlineExceeded() });
    expect(events.at(-2)).toBe('rejected deadline');
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives work a signal that aborts when its attempt is over', async () => {
    const { clock, outcome } = setUp({ timeoutMs: 100, breaker: { minimumCalls: 20 } });
    const reasons: unknown[] = [];
    const listening = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return hang();
    };
    const timedOut = outcome(listening);
    await clock.advance(100);
    await timedOut;
    const tooLate = outcome(listening, { deadline: deadlineAfter(clock, 50) });
    await clock.advance(50);
    await tooLate;
    const controller = new AbortController();
    const left = outcome(listening, { signal: controller.signal });
    await clock.advance(10);
    controller.abort(new Error('left'));
    expect(await left).toMatchObject({ error: new Error('left') });
    expect(reasons).toEqual([new AttemptTimeout(100), new DeadlineExceeded(), new Error('left')]);
  });

  it('opens the breaker for a peer that only hangs, and then refuses without waiting for a place', async () => {
    const { clock, breaker, bulkhead, outcome, events } = setUp({
      timeoutMs: 100,
      breaker: { minimumCalls: 1 },
      bulkhead: { maxConcurrent: 2, maxQueued: 10, maxWaitMs: 500 },
    });
    const work = jest.fn(hang);
    const results = Promise.all(Array.from({ length: 6 }, () => outcome(work)));
    await clock.advance(100);
    const settled = await results;
    expect(settled.map(({ at }) => at)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(settled.filter((each) => 'error' in each && each.error instanceof BreakerOpen)).toHaveLength(4);
    expect(work).toHaveBeenCalledTimes(2);
    expect([breaker.state, bulkhead.inFlight, bulkhead.queued]).toEqual(['open', 0, 0]);
    expect(await outcome(work)).toMatchObject({ at: 100 });
    expect(events.filter((event) => event === 'rejected breaker')).toHaveLength(5);
    expect(events).toContain('open');
  });

  it('does not let a caller queue for a peer that is known to be down', async () => {
    const { clock, breaker, outcome } = setUp({
      breaker: { minimumCalls: 1 },
      bulkhead: { maxQueued: 5, maxWaitMs: 500 },
    });
    const holder = outcome(() => clock.sleep(1000));
    await clock.advance(1);
    await breaker.execute(failing).catch(() => undefined);
    expect(await outcome(hang)).toMatchObject({ error: expect.any(BreakerOpen), at: 1 });
    await clock.advance(1000);
    await holder;
  });

  it('hands the priority on to the queue of the bulkhead', async () => {
    const { clock, outcome } = setUp({ bulkhead: { maxQueued: 2 } });
    const order: string[] = [];
    const step = (name: string) => async () => {
      order.push(name);
      await clock.sleep(10);
    };
    const calls = [
      outcome(step('first')),
      outcome(step('browse'), { priority: 'browse' }),
      outcome(step('pay'), { priority: 'pay' }),
    ];
    await clock.advance(100);
    await Promise.all(calls);
    expect(order).toEqual(['first', 'pay', 'browse']);
  });

  it('distinguishes a timeout during the work from work that did not start', async () => {
    const { clock, outcome, events } = setUp();
    const result = outcome(hang, { deadline: deadlineAfter(clock, 50) });
    await clock.advance(50);
    await result;
    expect(events).toEqual(['attempt 1 50 DeadlineExceeded', 'done 50 DeadlineExceeded']);
  });

  it('takes a full bulkhead for no fault of the peer, and does not retry into it', async () => {
    const { clock, breaker, outcome, events } = setUp({ retry: { attempts: 3 } });
    const holder = outcome(() => clock.sleep(1000));
    await clock.advance(1);
    for (let i = 0; i < 20; i++) {
      expect(await outcome(failing, { retryable: true })).toMatchObject({ error: expect.any(BulkheadFull) });
    }
    expect(breaker.state).toBe('closed');
    expect(events.filter((event) => event === 'rejected bulkhead')).toHaveLength(20);
    await clock.advance(1000);
    await holder;
  });

  it('takes a caller that leaves for no fault of the peer', async () => {
    const { breaker, outcome } = setUp();
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const result = outcome(hang, { signal: controller.signal });
      controller.abort(new Error('left'));
      await result;
    }
    expect(breaker.state).toBe('closed');
  });

  it('leaves probing to those who may: recovery closes the breaker, a user never does', async () => {
    const { clock, breaker, outcome } = setUp({ breaker: { openMs: 1000, probes: 1 } });
    for (let i = 0; i < 2; i++) await outcome(failing);
    await clock.advance(1000);
    expect(await outcome(async () => 'paid', { probe: false })).toMatchObject({
      error: expect.any(BreakerOpen),
    });
    expect(breaker.state).toBe('open');
    expect(await outcome(async () => 'paid', { probe: true })).toMatchObject({ value: 'paid' });
    expect(await outcome(async () => 'paid', { probe: false })).toMatchObject({ value: 'paid' });
  });

  it('says when the retry budget is spent', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ clock, reserve: 0 });
    const { outcome, events } = setUp({ retry: { attempts: 3, budget } });
    expect(await outcome(failing, { retryable: true })).toMatchObject({ error: new Error('down') });
    expect(events).toContain('rejected retry-budget');
  });

  it('holds no place during a pause between attempts', async () => {
    const { clock, bulkhead, outcome } = setUp({
      retry: { attempts: 2, baseDelayMs: 1000, maxDelayMs: 1000 },
    });
    const result = outcome(failing, { retryable: true });
    await clock.advance(100);
    expect(bulkhead.inFlight).toBe(0);
    await clock.advance(1000);
    await result;
  });

  it('never keeps a caller past the deadline and leaves nothing behind, whatever the work does', async () => {
    const call = fc.record({
      waitMs: fc.nat(100),
      workMs: fc.oneof(fc.nat(300), fc.constant(1e6)),
      deadlineMs: fc.nat(400),
      fails: fc.boolean(),
      retryable: fc.boolean(),
      probe: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
        const { clock, bulkhead, outcome } = setUp({
          timeoutMs: 150,
          breaker: { minimumCalls: 5, openMs: 300 },
          bulkhead: { maxConcurrent: 3, maxQueued: 3, maxWaitMs: 100 },
          retry: { attempts: 3 },
        });
        const results: Promise<{ at: number; by: number }>[] = [];
        for (const { waitMs, workMs, deadlineMs, fails, retryable, probe } of calls) {
          const by = clock.monotonic() + deadlineMs;
          const work = async (signal: AbortSignal) => {
            await clock.sleep(workMs, signal);
            if (fails) throw new Error('down');
          };
          const deadline = deadlineAfter(clock, deadlineMs);
          results.push(outcome(work, { deadline, retryable, probe }).then(({ at }) => ({ at, by })));
          await clock.advance(waitMs);
        }
        await clock.advance(1000);
        for (const { at, by } of await Promise.all(results)) expect(at).toBeLessThanOrEqual(by);
        expect([bulkhead.inFlight, bulkhead.queued, clock.pendingTimers]).toEqual([0, 0, 0]);
      }),
      { numRuns: 100 },
    );
  });
});
