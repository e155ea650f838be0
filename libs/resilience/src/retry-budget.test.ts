import fc from 'fast-check';
import { createRetryBudget } from './retry-budget';
import { createVirtualClock } from './virtual-clock';

const spend = (budget: { withdraw(): boolean }, tries: number) =>
  Array.from({ length: tries }, () => budget.withdraw()).filter(Boolean).length;

describe('retry budget', () => {
  it('lets a quiet service retry from its reserve, which comes back within the window', async () => {
    const clock = createVirtualClock();
    const budget = createRetryBudget({ clock, reserve: 10, windowMs: 10_000 });
    expect(spend(budget, 20)).toBe(10);
    await clock.advance(3000);
    expect(spend(budget, 20)).toBe(3);
    await clock.advance(60_000);
    expect(spend(budget, 20)).toBe(10);
  });

  it('earns a tenth of a retry with each first call, up to a bound', () => {
    const budget = createRetryBudget({ clock: createVirtualClock(), reserve: 0, maxSaved: 100 });
    for (let i = 0; i < 205; i++) budget.deposit();
    expect(spend(budget, 100)).toBe(20);
    for (let i = 0; i < 10_000; i++) budget.deposit();
    expect(budget.balance).toBe(100);
    expect(spend(budget, 1000)).toBe(100);
  });

  it('never pays for more retries than ratio × first calls + reserve × (1 + elapsed / window)', async () => {
    const steps = fc.array(fc.record({ calls: fc.nat(50), retries: fc.nat(50), waitMs: fc.nat(3000) }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(20),
        async (run, ratio, reserve) => {
          const clock = createVirtualClock();
          const budget = createRetryBudget({ clock, ratio, reserve, windowMs: 10_000 });
          let calls = 0;
          let paid = 0;
          for (const step of run) {
            for (let i = 0; i < step.calls; i++) budget.deposit();
            calls += step.calls;
            paid += spend(budget, step.retries);
            expect(paid).toBeLessThanOrEqual(
              ratio * calls + reserve * (1 + clock.monotonic() / 10_000) + 1e-6,
            );
            await clock.advance(step.waitMs);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
