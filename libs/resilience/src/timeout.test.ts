import { getEventListeners } from 'node:events';
import { AttemptTimeout } from './errors';
import { withTimeout } from './timeout';
import { createVirtualClock } from './virtual-clock';

const setUp = (ms: number) => {
  const clock = createVirtualClock();
  const outer = new AbortController();
  const options = { clock, ms, signal: outer.signal, error: () => new AttemptTimeout(ms) };
  return { clock, outer, options };
};

describe('withTimeout', () => {
  it('leaves no timer and no listener, however the work ends', async () => {
    const { clock, outer, options } = setUp(100);
    const works = [
      async () => 'done',
      () => Promise.reject(new Error('broken')),
      () => new Promise(() => {}),
    ];
    const results = Promise.allSettled(works.map((work) => withTimeout(work, options)));
    await clock.advance(100);
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(outer.signal, 'abort')).toHaveLength(0);
  });

  it('does not begin work for a caller who has left', async () => {
    const { outer, options } = setUp(100);
    outer.abort(new Error('left'));
    const work = jest.fn(async () => 'done');
    await expect(withTimeout(work, options)).rejects.toThrow('left');
    expect(work).not.toHaveBeenCalled();
  });

  it('waits as long as it takes when there is no limit', async () => {
    const { clock, options } = setUp(Infinity);
    const result = withTimeout(() => clock.sleep(1e9), options);
    await clock.advance(1e9);
    await expect(result).resolves.toBeUndefined();
  });
});
