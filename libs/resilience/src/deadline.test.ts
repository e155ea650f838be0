import fc from 'fast-check';
import { deadlineAfter, fromHeader, noDeadline, untilDeadline, withDeadline } from './deadline';
import { DeadlineExceeded } from './errors';
import { createVirtualClock } from './virtual-clock';

const never = () => new Promise<never>(() => {});

describe('deadline', () => {
  it('counts down to 0 and stays expired', async () => {
    const clock = createVirtualClock();
    const deadline = deadlineAfter(clock, 100);
    await clock.advance(99);
    expect([deadline.remainingMs(), deadline.expired()]).toEqual([1, false]);
    await clock.advance(1);
    expect([deadline.remainingMs(), deadline.expired()]).toEqual([0, true]);
    await clock.advance(1);
    expect([deadline.remainingMs(), deadline.expired()]).toEqual([0, true]);
  });

  it('only ever becomes earlier by shrinking, and leaves the one it came from as it was', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.array(fc.nat(10_000)), (first, shrinks) => {
        const clock = createVirtualClock();
        const original = deadlineAfter(clock, first);
        const last = shrinks.reduce((deadline, ms) => deadline.shrink(ms), original);
        expect(last.remainingMs()).toBe(Math.min(first, ...shrinks));
        expect(original.remainingMs()).toBe(first);
      }),
    );
  });

  it('never expires when there is none, until it is shrunk', async () => {
    const clock = createVirtualClock();
    const none = noDeadline(clock);
    await clock.advance(1e9);
    expect([none.remainingMs(), none.expired(), none.toHeader()]).toEqual([Infinity, false, undefined]);
    expect(none.signal.aborted).toBe(false);
    expect(none.shrink(50).remainingMs()).toBe(50);
    expect(clock.pendingTimers).toBe(0);
  });

  it('makes no timer until its signal is asked for, and none is left after dispose', async () => {
    const clock = createVirtualClock();
    const deadline = deadlineAfter(clock, 100);
    deadline.shrink(50).remainingMs();
    expect(clock.pendingTimers).toBe(0);
    expect(deadline.signal).toBe(deadline.signal);
    expect(clock.pendingTimers).toBe(1);
    deadline.dispose();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(200);
    expect(deadline.signal.aborted).toBe(false);
  });

  it('aborts its signal with DeadlineExceeded at expiry, and at once when it is already over', async () => {
    const clock = createVirtualClock();
    const { signal } = deadlineAfter(clock, 100);
    await clock.advance(99);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.reason).toBeInstanceOf(DeadlineExceeded);
    expect(deadlineAfter(clock, 0).signal.reason).toBeInstanceOf(DeadlineExceeded);
  });
});

describe('x-request-deadline', () => {
  it('hands on whole ms, never more than are left and never more than the receiver allows', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(1e6), (ms, maxMs) => {
        const clock = createVirtualClock();
        const header = deadlineAfter(clock, ms).toHeader();
        expect(header).toMatch(/^\d+$/);
        expect(fromHeader(clock, header, maxMs)?.remainingMs()).toBe(Math.min(Math.floor(ms), maxMs));
      }),
    );
  });

  it.each([
    undefined,
    '',
    ' 5',
    '5 ',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    '1234567890',
    '٣',
    ['1', '2'],
  ])('is ignored when it reads %j', (value) => {
    expect(fromHeader(createVirtualClock(), value, 1000)).toBeUndefined();
  });

  it('of 0 means that the time is over', () => {
    expect(fromHeader(createVirtualClock(), '0', 1000)?.expired()).toBe(true);
  });
});

describe('withDeadline', () => {
  it('does not begin work whose deadline has passed', async () => {
    const work = jest.fn(async () => 1);
    await expect(withDeadline(deadlineAfter(createVirtualClock(), 0), work)).rejects.toThrow(
      DeadlineExceeded,
    );
    expect(work).not.toHaveBeenCalled();
  });

  it('stops waiting at the deadline even for work that ignores its signal, and aborts the signal', async () => {
    const clock = createVirtualClock();
    let given: AbortSignal | undefined;
    const settled = withDeadline(deadlineAfter(clock, 100), (signal) => {
      given = signal;
      return never();
    }).catch((error: unknown) => ({ error, at: clock.monotonic() }));
    await clock.advance(1000);
    const { error, at } = await settled;
    expect(error).toBeInstanceOf(DeadlineExceeded);
    expect(at).toBe(100);
    expect(given?.reason).toBe(error);
  });

  it('passes on what the work returns or throws, also synchronously, and leaves no timer', async () => {
    const clock = createVirtualClock();
    await expect(withDeadline(deadlineAfter(clock, 100), async () => 'done')).resolves.toBe('done');
    const throwing = () => {
      throw new Error('broken');
    };
    await expect(withDeadline(deadlineAfter(clock, 100), throwing)).rejects.toThrow('broken');
    await expect(withDeadline(noDeadline(clock), async () => 'unbounded')).resolves.toBe('unbounded');
    expect(clock.pendingTimers).toBe(0);
  });

  it('swallows an error that comes after the deadline', async () => {
    const clock = createVirtualClock();
    const late = async () => {
      await clock.sleep(200);
      throw new Error('too late to matter');
    };
    const result = withDeadline(deadlineAfter(clock, 100), late);
    const expected = expect(result).rejects.toThrow(DeadlineExceeded);
    await clock.advance(300);
    await expected;
  });
});

describe('untilDeadline', () => {
  it('does not begin work whose deadline has passed', async () => {
    const work = jest.fn(async () => 1);
    await expect(untilDeadline(deadlineAfter(createVirtualClock(), 0), work)).rejects.toThrow(
      DeadlineExceeded,
    );
    expect(work).not.toHaveBeenCalled();
  });

  it('stops waiting at the deadline, and not before', async () => {
    const clock = createVirtualClock();
    const settled = untilDeadline(deadlineAfter(clock, 100), never).catch((error: unknown) => ({
      error,
      at: clock.monotonic(),
    }));
    await clock.advance(1000);
    expect(await settled).toEqual({ error: expect.any(DeadlineExceeded), at: 100 });
  });

  it('passes on what the work returns or throws, and leaves no timer', async () => {
    const clock = createVirtualClock();
    const failure = new Error('no');
    expect(await untilDeadline(deadlineAfter(clock, 100), async () => 1)).toBe(1);
    await expect(untilDeadline(deadlineAfter(clock, 100), () => Promise.reject(failure))).rejects.toBe(
      failure,
    );
    expect(await untilDeadline(noDeadline(clock), async () => 2)).toBe(2);
    expect(clock.pendingTimers).toBe(0);
  });
});
