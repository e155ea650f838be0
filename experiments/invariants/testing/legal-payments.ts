import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import { isInBetween, transitions } from '@bulkhead/app/payment/src/payments/transitions';

/** Who gave money back. An admin may have been erased since. */
export type Refunder = 'saga' | 'admin' | 'erased-admin' | 'provider';
const refunders: readonly Refunder[] = ['saga', 'admin', 'erased-admin', 'provider'];

/** A payment as it may rest; amounts are shares of the total in hundredths. */
export interface RestingPayment {
  readonly status: PaymentStatus;
  readonly captured: 0 | 100;
  readonly refunds: readonly { readonly by: Refunder; readonly share: number }[];
  /** Voided before it was ever asked for: it knows no amount. */
  readonly isMark: boolean;
}

const mark: RestingPayment = { status: 'voided', captured: 0, refunds: [], isMark: true };

/**
 * Every way in which a payment may come to rest by payment's own table, so that nobody has to look at it: `failed` is for
 * a person. A part of the money goes back at most once before the rest does.
 */
export function legalPayments(): RestingPayment[] {
  const found = new Map<string, RestingPayment>([['mark', mark]]);
  const seen = new Set<string>();
  const walk = (payment: RestingPayment) => {
    const key = JSON.stringify(payment);
    if (seen.has(key)) return;
    seen.add(key);
    const rests = !isInBetween(payment.status) && !['authorised', 'failed'].includes(payment.status);
    if (rests) found.set(key, payment);
    for (const to of transitions[payment.status]) for (const next of moved(payment, to)) walk(next);
  };
  walk({ status: 'authorising', captured: 0, refunds: [], isMark: false });
  return [...found.values()];
}

function moved(payment: RestingPayment, to: PaymentStatus): RestingPayment[] {
  switch (to) {
    case 'captured':
      // From `refunding`: the provider refused, and nothing went back.
      return payment.refunds.length > 0 ? [] : [{ ...payment, status: to, captured: 100 }];
    case 'partially_refunded':
      return payment.refunds.length > 0 ? [] : refunders.map((by) => givenBack(payment, to, by, 30));
    case 'refunded': {
      const left = 100 - payment.refunds.reduce((sum, { share }) => sum + share, 0);
      if (left === 0) return [];
      return refunders.map((by) => givenBack(payment, to, by, left));
    }
    default:
      return [{ ...payment, status: to }];
  }
}

const givenBack = (payment: RestingPayment, status: PaymentStatus, by: Refunder, share: number) => ({
  ...payment,
  status,
  refunds: [...payment.refunds, { by, share }],
});
