import type { ProviderCharge } from '../providers/provider';
import { noCurrency, type Payment } from './payment';

export const contradictions = [
  'other-charge',
  'other-currency',
  'captured-too-much',
  'captured-again',
  'refunded-too-much',
] as const;
export type Contradiction = (typeof contradictions)[number];

/**
 * A report of the provider that cannot be true of this payment, however late or out of order it arrives. It is ignored
 * as a whole, and an operator has to look: the ledger must not follow, and another query would return the same.
 */
export function contradictionOf(payment: Payment, charge: ProviderCharge): Contradiction | undefined {
  const { captured, refunded, refunds, currency } = charge;
  if (isOfAnotherCharge(payment, charge)) return 'other-charge';
  const isKnown = payment.currency !== noCurrency;
  if (isKnown && currency !== undefined && currency !== payment.currency) return 'other-currency';
  if (captured > payment.amount) return 'captured-too-much';
  if (payment.captured > 0 && captured > payment.captured) return 'captured-again';
  const givenBack = refunds.reduce(
    (sum, { amount, status }) => (status === 'failed' ? sum : sum + amount),
    0,
  );
  const most = Math.max(captured, payment.captured);
  return givenBack > most || refunded > most ? 'refunded-too-much' : undefined;
}

/** One charge per order: reports of a second one are not about this payment. */
export const isOfAnotherCharge = ({ providerReference }: Payment, { reference }: ProviderCharge): boolean =>
  providerReference !== null && providerReference !== reference;

const holdsNothing = new Set<ProviderCharge['status']>(['created', 'processing', 'declined', 'voided']);

/** A second charge that holds no money, such as one created by a call without a response, does not matter. */
export const isNoMatter = (payment: Payment, charge: ProviderCharge): boolean =>
  isOfAnotherCharge(payment, charge) && charge.captured === 0 && holdsNothing.has(charge.status);
