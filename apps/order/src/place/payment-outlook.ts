import type { Clock } from '@bulkhead/resilience/clock';

/**
 * Statistics of recent payments from the waiting buyer's point of view. The outlook is bleak if at most `few` of the
 * last `judged` payments had an outcome within the time that the next buyer could wait. A share, not a percentile:
 * while some payments are slow, most buyers still gain from waiting, and one whose card is declined learns it
 * immediately.
 */
export interface PaymentOutlook {
  /** A payment has started, whether or not a buyer waits for it. @returns a function to report its outcome, once */
  begin(): (ended: PaymentEnd) => void;
  /**
   * Whether a buyer who waits for `waitMs` would most likely wait in vain. A payment in progress counts once it has
   * taken longer than that, so slowness is noticed before the first slow response.
   */
  isBleak(waitMs: number): boolean;
}

/**
 * `answered`: the buyer can be told the outcome or the next action. `unanswered`: the outcome is still unknown, and the
 * saga retries later. `taken-over`: another runner continues, so this payment says nothing.
 */
export type PaymentEnd = 'answered' | 'unanswered' | 'taken-over';

interface Payment {
  readonly beganAt: number;
  /** ms; Infinity if it ended without an outcome; undefined while it is in progress. */
  answeredAfterMs: number | undefined;
}

/** Few enough to notice a change within ten orders. At 50 % slow payments, one in a hundred such samples is bleak. */
const judged = 10;
const few = 1;
/** Fewer samples than this say nothing. */
const fewest = 5;
/** Maximum age of a sample, in ms. */
const memoryMs = 30_000;
/** Number of payments kept; while all of them are too recent to judge, there is no better information anyway. */
const maxKept = 1_000;

export function createPaymentOutlook(clock: Clock): PaymentOutlook {
  /** Oldest first. */
  const payments: Payment[] = [];

  return {
    begin() {
      const payment: Payment = { beganAt: clock.monotonic(), answeredAfterMs: undefined };
      payments.push(payment);
      if (payments.length > maxKept) payments.shift();
      return (ended) => {
        if (ended === 'taken-over') {
          const index = payments.indexOf(payment);
          if (index >= 0) payments.splice(index, 1);
          return;
        }
        payment.answeredAfterMs = ended === 'answered' ? clock.monotonic() - payment.beganAt : Infinity;
      };
    },

    isBleak(waitMs) {
      const now = clock.monotonic();
      let decided = 0;
      let inTime = 0;
      for (let index = payments.length - 1; index >= 0 && decided < judged; index--) {
        const { beganAt, answeredAfterMs } = payments[index] as Payment;
        if (now - beganAt > memoryMs) break;
        if (answeredAfterMs === undefined && now - beganAt <= waitMs) continue;
        decided += 1;
        if (answeredAfterMs !== undefined && answeredAfterMs <= waitMs) inTime += 1;
      }
      return decided >= fewest && inTime <= (decided < judged ? 0 : few);
    },
  };
}
