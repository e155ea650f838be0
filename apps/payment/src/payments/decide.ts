import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { ProviderCharge } from '../providers/provider';
import type { Attention } from './attention';
import type { Payment } from './payment';
import type { RefundRow } from './refunds';

/** One move of a payment, with the amounts it moves. */
export interface Move {
  readonly to: PaymentStatus;
  readonly reason?: string | null;
  readonly nextActionUrl?: string | null;
  /** Minor units newly captured. */
  readonly captured?: number;
  /** Minor units newly refunded; below 0 for a refund that failed after all. */
  readonly refunded?: number;
  /**
   * The refund that started, succeeded or failed by it, as it is then, and whether the provider had accepted it before.
   */
  readonly refund?: RefundRow & { readonly accepted: boolean };
  readonly attention?: Attention;
}

/**
 * The next move that makes a payment agree with its provider's authorisation and capture, or undefined when it agrees.
 * Reports may be old, repeated or out of order: a capture happens once, and an earlier status moves nothing.
 * recordRefunds handles refunds.
 */
export function decide(
  payment: Pick<Payment, 'status' | 'providerReference' | 'captured'>,
  charge: ProviderCharge,
): Move | undefined {
  if (charge.captured > 0 && payment.captured === 0)
    return {
      to: 'captured',
      captured: charge.captured,
      reason: null,
      ...(endedWithout.has(payment.status) ? { attention: 'captured-unasked' } : {}),
    };
  return decideHold(payment, charge);
}

/** No caller waits for the money any more, and none would refund it. */
const endedWithout = new Set<PaymentStatus>(['voided', 'declined', 'failed']);

const awaitsHold = new Set<PaymentStatus>(['authorising', 'unknown', 'requires_action']);

function decideHold(
  { status, providerReference }: Pick<Payment, 'status' | 'providerReference'>,
  charge: ProviderCharge,
): Move | undefined {
  switch (charge.status) {
    case 'created':
    case 'processing':
    case 'captured':
      return undefined;
    case 'requires_action':
      return status === 'authorising' || status === 'unknown'
        ? { to: 'requires_action', nextActionUrl: charge.actionUrl }
        : undefined;
    case 'authorised':
      if (awaitsHold.has(status)) return { to: 'authorised', reason: null };
      // Voided before the provider had ever responded, and yet the money is authorised. (After a response, this is an
      // old report.)
      if (status === 'voided') return providerReference === null ? { to: 'voiding' } : undefined;
      // Declined is final here, so an authorisation that exists anyway is voided.
      return status === 'declined' ? { to: 'voiding' } : undefined;
    case 'declined':
      if (awaitsHold.has(status)) return { to: 'declined', reason: charge.reason ?? 'declined' };
      return status === 'voiding' ? { to: 'voided' } : undefined;
    case 'voided':
      if (status === 'capturing')
        return { to: 'failed', reason: 'authorisation_lost', attention: 'capture-refused' };
      return awaitsHold.has(status) || status === 'authorised' || status === 'voiding'
        ? { to: 'voided' }
        : undefined;
  }
}
