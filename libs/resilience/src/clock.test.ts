import { systemClock } from './clock';

describe('system clock', () => {
  it('does not fire a timer early that is further away than Node can count', async () => {
    const early = jest.fn();
    const timer = systemClock.setTimer(early, 2 ** 40);
    await systemClock.sleep(20);
    timer.cancel();
    expect(early).not.toHaveBeenCalled();
  });

  it('ends a sleep as soon as its signal aborts, also before it began', async () => {
    const controller = new AbortController();
    const slept = systemClock.sleep(60_000, controller.signal);
    controller.abort(new Error('woken'));
    await expect(slept).rejects.toThrow('woken');
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('woken');
  });
});
