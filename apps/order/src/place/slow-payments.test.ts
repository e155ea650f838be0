import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestShop, type TestShop } from '../testing/test-shop';

const budgetMs = 800;

/** Numbers in [0, 1), the same for the same seed (Park and Miller, 1988). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe('buyers while some payments are slow', () => {
  let t: TestShop;
  let productId: string;
  beforeAll(async () => {
    t = await startTestShop({ ORDER_BUDGET_MS: String(budgetMs) });
    ({ productId } = t.shop.addProduct('SLOWLY-PAID', 100, 10_000));
  });
  afterAll(() => t.stop());

  /** Holds the authorisations that `isSlow` says. @returns the orders whose payment was quick, and how to let go */
  function slowDown(isSlow: () => boolean) {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const quick = new Set<string>();
    t.shop.before = async (operation, orderId) => {
      if (operation !== 'authorise') return;
      if (isSlow()) await held;
      else quick.add(orderId);
    };
    return { quick, letGo };
  }

  const buy = async (paymentMethod = 'pm_ok') => {
    const { status, body } = await t.buy(randomUUID(), productId, { paymentMethod });
    return { status, state: body.state, orderId: body.orderId ?? body.id };
  };

  it.each([5, 20, 50])(
    'hear at once how a quick payment ended while %d %% are slow, and that their card was declined',
    async (percent) => {
      const random = randomFrom(11);
      const { quick, letGo } = slowDown(() => random() * 100 < percent);
      const answers = [];
      // Longer than the budget, so that some of the slow ones are known to be.
      for (let buyer = 0; buyer < 50; buyer++) {
        answers.push(buy(buyer % 3 === 0 ? 'pm_declined' : 'pm_ok'));
        await pause((3 * budgetMs) / 50);
      }
      const heard = await Promise.all(answers);
      letGo();

      const ofQuick = heard.filter(({ orderId }) => quick.has(orderId)).map(({ status }) => status);
      const decided = ofQuick.filter((status) => status === 201 || status === 402);
      expect(ofQuick.length).toBeGreaterThanOrEqual(20);
      expect(decided.length).toBeGreaterThanOrEqual(0.9 * ofQuick.length);
      expect(decided.filter((status) => status === 402).length).toBeGreaterThanOrEqual(5);
      expect(heard.filter(({ orderId }) => !quick.has(orderId)).map(({ status }) => status)).toEqual(
        Array.from({ length: 50 - ofQuick.length }, () => 202),
      );
    },
    20_000,
  );

  it('need not wait once all payments are slow, and wait again as soon as they are quick', async () => {
    const { letGo } = slowDown(() => true);
    const first = await Promise.all(Array.from({ length: 12 }, () => buy()));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([202]));
    // Quick enough for the budget: whoever waited would hear of it.
    t.shop.before = (operation) => (operation === 'authorise' ? pause(0.5 * budgetMs) : Promise.resolve());
    const next = await Promise.all(Array.from({ length: 5 }, () => buy()));
    expect(new Set(next.map(({ status, state }) => `${status} ${state}`))).toEqual(new Set(['202 reserved']));
    letGo();
    t.shop.before = async () => undefined;
    await eventually(async () => (await buy()).status === 201);
  }, 20_000);
});
