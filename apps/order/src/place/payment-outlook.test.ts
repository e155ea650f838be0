import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createPaymentOutlook } from './payment-outlook';

const budgetMs = 1_500;

/** Numbers in [0, 1), the same for the same seed (Park and Miller, 1988). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe('the outlook on payments', () => {
  const setUp = () => {
    const clock = createVirtualClock();
    const outlook = createPaymentOutlook(clock);
    const pay = (ms: number, end: 'answered' | 'unanswered' | 'taken-over' = 'answered') => {
      const ended = outlook.begin();
      void clock.sleep(ms).then(() => ended(end));
    };
    return { clock, outlook, pay };
  };

  /** 200 buyers, one every 100 ms. @returns the share of them who would not have been let wait */
  async function rejectedShare(slowShare: number): Promise<number> {
    const { clock, outlook, pay } = setUp();
    const random = randomFrom(7);
    let bleak = 0;
    for (let buyer = 0; buyer < 200; buyer++) {
      if (outlook.isBleak(budgetMs)) bleak += 1;
      pay(random() < slowShare ? 10_000 : 50);
      await clock.advance(100);
    }
    return bleak / 200;
  }

  it.each([
    [0.05, 0],
    [0.2, 0],
    [0.5, 0.05],
  ])('of %d slow payments keeps almost nobody from waiting', async (share, most) => {
    expect(await rejectedShare(share)).toBeLessThanOrEqual(most);
  });

  it('of payments that are all slow lets nobody wait once that can be known', async () => {
    // The first is known to be slow after 1.5 s, the fifth after 0.4 s more.
    expect(await rejectedShare(1)).toBeGreaterThanOrEqual((200 - 20) / 200);
  });

  it('turns within ten payments, to the worse and to the better', async () => {
    const { clock, outlook, pay } = setUp();
    for (let i = 0; i < 20; i++) pay(50);
    await clock.advance(1_000);
    for (let i = 0; i < 10; i++) pay(10_000);
    await clock.advance(budgetMs);
    expect(outlook.isBleak(budgetMs)).toBe(false);
    await clock.advance(1);
    expect(outlook.isBleak(budgetMs)).toBe(true);
    for (let i = 0; i < 2; i++) pay(50);
    await clock.advance(50);
    expect(outlook.isBleak(budgetMs)).toBe(false);
  });

  it('goes by the time that this buyer has left', async () => {
    const { clock, outlook, pay } = setUp();
    for (let i = 0; i < 10; i++) pay(800);
    await clock.advance(800);
    expect([outlook.isBleak(1_000), outlook.isBleak(500)]).toEqual([false, true]);
  });

  it('is bleak where payments end at once without an answer, and not by those that another runner took over', async () => {
    const { clock, outlook, pay } = setUp();
    for (let i = 0; i < 10; i++) pay(5, 'taken-over');
    await clock.advance(5);
    expect(outlook.isBleak(budgetMs)).toBe(false);
    for (let i = 0; i < 10; i++) pay(5, 'unanswered');
    await clock.advance(5);
    expect(outlook.isBleak(budgetMs)).toBe(true);
  });

  it('is not made of four payments, nor of what is half a minute old', async () => {
    const { clock, outlook, pay } = setUp();
    for (let i = 0; i < 4; i++) pay(60_000);
    await clock.advance(10_000);
    expect(outlook.isBleak(budgetMs)).toBe(false);
    pay(60_000);
    await clock.advance(10_000);
    expect(outlook.isBleak(budgetMs)).toBe(true);
    await clock.advance(10_001);
    expect(outlook.isBleak(budgetMs)).toBe(false);
  });
});
