import type { PaymentStatus } from '@bulkhead/contracts/payment/api';

/**
 * The legal moves of a payment. The provider's report takes precedence over our intent: a charge that it captured or
 * voided on its own moves the payment, too.
 */
export const transitions: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  authorising: ['authorised', 'declined', 'requires_action', 'unknown', 'voiding', 'voided', 'captured'],
  unknown: ['authorised', 'declined', 'requires_action', 'voiding', 'voided', 'captured'],
  requires_action: ['authorised', 'declined', 'voiding', 'voided', 'captured'],
  authorised: ['capturing', 'voiding', 'captured', 'voided'],
  // An authorisation that shows up after all is voided.
  declined: ['captured', 'voiding'],
  capturing: ['captured', 'failed'],
  // A refund that failed, even long after it had succeeded, leads back.
  captured: ['captured', 'refunding', 'partially_refunded', 'refunded'],
  voiding: ['voided', 'captured'],
  // An authorisation that shows up after all is voided.
  voided: ['voiding', 'captured'],
  refunding: ['captured', 'refunding', 'partially_refunded', 'refunded'],
  partially_refunded: ['captured', 'refunding', 'partially_refunded', 'refunded'],
  refunded: ['captured', 'refunding', 'partially_refunded', 'refunded'],
  failed: ['captured', 'voided'],
};

/** Statuses that wait for a call to the provider or for its report. */
export const inBetween = [
  'authorising',
  'unknown',
  'requires_action',
  'capturing',
  'voiding',
  'refunding',
] as const satisfies readonly PaymentStatus[];

export const isInBetween = (status: PaymentStatus): boolean =>
  (inBetween as readonly PaymentStatus[]).includes(status);

/** @throws Error for a move that is not in the table: a bug, stopped before it is written */
export function assertLegal(from: PaymentStatus, to: PaymentStatus): void {
  if (!transitions[from].includes(to)) throw new Error(`a payment cannot go from ${from} to ${to}`);
}
