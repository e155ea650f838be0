import fc from 'fast-check';
import { type CircuitBreakerOptions, createCircuitBreaker, type StateChange } from './circuit-breaker';
import { BreakerOpen, BulkheadFull } from './errors';
import { createVirtualClock } from './virtual-clock';

const setUp = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = createVirtualClock();
  const breaker = createCircuitBreaker({
    name: 'payment',
    clock,
    minimumCalls: 4,
    openMs: 5000,
    probes: 2,
    ...options,
  });
  const changes: string[] = [];
  breaker.onStateChange(({ from, to }) => changes.push(`${from} → ${to}`));
  const succeed = () => breaker.execute(async () => 'fine');
  const fail = () =>
    breaker.execute(() => Promise.reject(new Error('down'))).catch((error: Error) => error.message);
  const open = async () => {
    for (let i = 0; i < 4; i++) await fail();
  };
  return { clock, breaker, changes, succeed, fail, open };
};

/** Work that ends when told to. */
const pending = () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { work: () => promise, resolve, reject };
};

describe('circuit breaker', () => {
  it('opens when enough calls were made and half of them failed', async () => {
    const { breaker, succeed, fail } = setUp();
    await fail();
    await fail();
    await fail();
    expect(breaker.state).toBe('closed');
    for (let i = 0; i < 3; i++) await succeed();
    expect(breaker.state).toBe('closed');
    await fail();
    expect(breaker.state).toBe('open');
  });

  it('stays closed below the ratio, and forgets failures that are long ago', async () => {
    const { clock, breaker, succeed, fail } = setUp({ windowMs: 1000 });
    for (let i = 0; i < 10; i++) await succeed();
    for (let i = 0; i < 9; i++) await fail();
    expect(breaker.state).toBe('closed');
    await clock.advance(2000);
    for (let i = 0; i < 3; i++) await fail();
    expect(breaker.state).toBe('closed');
    await fail();
    expect(breaker.state).toBe('open');
  });

  it('refuses at once while open and says when to come back', async () => {
    const { clock, breaker, open } = setUp();
    await open();
    await clock.advance(1500);
    const work = jest.fn(async () => 'fine');
    const error: unknown = await breaker.execute(work).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BreakerOpen);
    expect(error).toMatchObject({ breaker: 'payment', retryAfterMs: 3500 });
    expect(work).not.toHaveBeenCalled();
  });

  it('lets a bounded number of probes through after its rest, and closes when all succeed', async () => {
    const { clock, breaker, changes, open } = setUp();
    await open();
    await clock.advance(5000);
    const probes = [pending(), pending()] as const;
    const running = probes.map(({ work }) => breaker.execute(work));
    await expect(breaker.execute(async () => 'third')).rejects.toThrow(BreakerOpen);
    probes[0].resolve('fine');
    await running[0];
    expect(breaker.state).toBe('half-open');
    await expect(breaker.execute(async () => 'third')).rejects.toThrow(BreakerOpen);
    probes[1].resolve('fine');
    await running[1];
    expect(breaker.state).toBe('closed');
    expect(changes).toEqual(['closed → open', 'open → half-open', 'half-open → closed']);
  });

  it('begins with a clean slate once closed', async () => {
    const { clock, breaker, succeed, fail, open } = setUp({ windowMs: 60_000 });
    await open();
    await clock.advance(5000);
    await succeed();
    await succeed();
    await fail();
    expect(breaker.state).toBe('closed');
  });

  it('opens again for the whole rest when a probe fails', async () => {
    const { clock, breaker, fail, open } = setUp();
    await open();
    await clock.advance(5000);
    await fail();
    expect(breaker.state).toBe('open');
    await clock.advance(4999);
    expect(breaker.admits()).toBe(false);
    await clock.advance(1);
    expect(breaker.admits()).toBe(true);
  });

  it('never uses a call as a probe that may not be one', async () => {
    const { clock, breaker, succeed, open } = setUp();
    const asUser = () => breaker.execute(async () => 'fine', { allowProbe: false });
    await open();
    await clock.advance(60_000);
    expect(breaker.admits({ allowProbe: false })).toBe(false);
    await expect(asUser()).rejects.toMatchObject({ retryAfterMs: 1000 });
    expect(breaker.state).toBe('open');
    await succeed();
    await expect(asUser()).rejects.toThrow(BreakerOpen);
    await succeed();
    await expect(asUser()).resolves.toBe('fine');
  });

  it('is not decided by calls that began before it opened', async () => {
    const { clock, breaker, open } = setUp();
    const stragglers = [pending(), pending(), pending()];
    const running = stragglers.map(({ work }) => breaker.execute(work));
    await open();
    await clock.advance(5000);
    const probe = breaker.execute(async () => 'fine');
    stragglers.forEach(({ resolve }) => resolve('late'));
    await Promise.all([probe, ...running]);
    expect(breaker.state).toBe('half-open');
  });

  it('is not kept half-open for ever by probes that never end', async () => {
    const { clock, breaker, open, succeed } = setUp();
    await open();
    await clock.advance(5000);
    const hung = [pending(), pending()];
    const running = hung.map(({ work }) => breaker.execute(work).catch(() => 'failed'));
    expect(breaker.admits()).toBe(false);
    await clock.advance(5000);
    await succeed();
    hung.forEach(({ reject }) => reject(new Error('at last')));
    await Promise.all(running);
    expect(breaker.state).toBe('half-open');
    await succeed();
    expect(breaker.state).toBe('closed');
  });

  it('takes no cancelled or locally refused call for a failure, and gives the place of such a probe back', async () => {
    const { clock, breaker, open } = setUp({ probes: 1 });
    const cancelled = () => breaker.execute(() => Promise.reject(new DOMException('left', 'AbortError')));
    const refused = () => breaker.execute(() => Promise.reject(new BulkheadFull('own', 1)));
    const left = () =>
      breaker.execute(() => Promise.reject(new Error('left')), { signal: AbortSignal.abort() });
    for (const ignored of [cancelled, refused, left]) {
      for (let i = 0; i < 10; i++) await ignored().catch(() => undefined);
    }
    expect(breaker.state).toBe('closed');
    await open();
    await clock.advance(5000);
    await cancelled().catch(() => undefined);
    expect([breaker.state, breaker.admits()]).toEqual(['half-open', true]);
  });

  it('counts an error as a success if configured', async () => {
    const { breaker, fail } = setUp({ classify: () => 'success' });
    for (let i = 0; i < 20; i++) await fail();
    expect(breaker.state).toBe('closed');
  });

  it('makes only legal transitions, reports each once, and never runs more probes than allowed', async () => {
    const legal = ['closed → open', 'open → half-open', 'half-open → closed', 'half-open → open'];
    const step = fc.oneof(
      fc.record({ do: fc.constant('call' as const), probe: fc.boolean() }),
      fc.record({ do: fc.constant('end' as const), fails: fc.boolean(), which: fc.nat(10) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), async (steps) => {
        const { clock, breaker } = setUp({ minimumCalls: 3, openMs: 1000, probes: 2, windowMs: 2000 });
        const changes: StateChange[] = [];
        breaker.onStateChange((change) => changes.push(change));
        const running: (ReturnType<typeof pending> & { done: Promise<unknown>; probing: boolean })[] = [];
        for (const each of steps) {
          if (each.do === 'wait') await clock.advance(each.ms);
          if (each.do === 'call') {
            const call = pending();
            const admitted = breaker.admits({ allowProbe: each.probe });
            const before = breaker.state;
            let reached = false;
            const done = breaker
              .execute(() => ((reached = true), call.work()), { allowProbe: each.probe })
              .catch(() => undefined);
            expect(reached).toBe(admitted);
            if (before !== 'closed' && !each.probe) expect(reached).toBe(false);
            if (reached) running.push({ ...call, done, probing: before !== 'closed' });
          }
          if (each.do === 'end' && running.length > 0) {
            const [call] = running.splice(each.which % running.length, 1);
            if (each.fails) call?.reject(new Error('down'));
            else call?.resolve('fine');
            await call?.done;
          }
        }
        expect(changes.every(({ from, to }) => legal.includes(`${from} → ${to}`))).toBe(true);
        changes.forEach(({ from }, i) => expect(from).toBe(changes[i - 1]?.to ?? 'closed'));
        expect(breaker.state).toBe(changes.at(-1)?.to ?? 'closed');
      }),
      { numRuns: 200 },
    );
  });
});
