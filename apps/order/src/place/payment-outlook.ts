import type { Clock } from '@bulkhead/resilience/clock';

/**
 * How the payments of recent orders went for whoever waited for them. The outlook is bleak when at most `few` of the last
 * `judged` payments gave their buyer an answer within the time that the next buyer could wait. A share, not a percentile:
 * while some payments are slow, most buyers still gain from waiting, and one whose card is declined hears of it at once.
 */
export interface PaymentOutlook {
  /** A payment begins, of whoever waits for it or not. @returns a function to be told how it ended, once */
  begin(): (ended: PaymentEnd) => void;
  /**
   * Would a buyer who waits for `waitMs` most likely wait in vain? A payment that still runs counts once it has taken
   * longer than that, so a payment service that has become slow is known before its first slow response.
   */
  isBleak(waitMs: number): boolean;
}

/**
 * `answered`: the buyer can be told how the order ended or what they have to do. `unanswered`: nobody knows yet, and the
 * saga tries again later. `taken-over`: another runner goes on with it, so this payment says nothing.
 */
export type PaymentEnd = 'answered' | 'unanswered' | 'taken-over';

interface Payment {
  readonly beganAt: number;
  /** ms; Infinity when it ended without an answer; undefined while it runs. */
  answeredAfterMs: number | undefined;
}

/** Few enough to notice a change within ten orders. At 50 % slow payments, one in a hundred such samples is bleak. */
const judged = 10;
const few = 1;
/** Fewer than this say nothing. */
const fewest = 5;
/** What is older says nothing about now, in ms. */
const memoryMs = 30_000;
/** Payments kept; while all of them are too young to judge, nobody knows better anyway. */
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
