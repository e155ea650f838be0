import type { PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { ProviderCharge } from '../providers/provider';
import type { Payment } from './payment';

/** One move of a payment, with the money that moves along. */
export interface Move {
  readonly to: PaymentStatus;
  readonly reason?: string | null;
  readonly nextActionUrl?: string | null;
  /** Minor units newly captured. */
  readonly captured?: number;
  /** Minor units newly given back. */
  readonly refunded?: number;
}

/**
 * The next move that makes a payment agree with what its provider tells, or undefined when it agrees. What is told may be
 * old, doubled or out of order: amounts only grow, and a status that lies behind ours moves nothing.
 * @param pendingRefund minor units of the refund that is on its way
 */
export function decide(
  payment: Payment,
  pendingRefund: number | undefined,
  charge: ProviderCharge,
): Move | undefined {
  const captured = charge.captured - payment.captured;
  if (captured > 0) return { to: 'captured', captured, reason: null };
  const refunded = charge.refunded - payment.refunded;
  if (refunded > 0) return { to: afterRefund(payment, refunded, pendingRefund), refunded };
  return decideHold(payment, charge);
}

function afterRefund(payment: Payment, refunded: number, pendingRefund: number | undefined): PaymentStatus {
  if (payment.refunded + refunded === payment.captured) return 'refunded';
  // Someone gave back less at the provider itself; ours is still to come.
  if (pendingRefund !== undefined && refunded < pendingRefund) return 'refunding';
  return 'partially_refunded';
}

const awaitsHold = new Set<PaymentStatus>(['authorising', 'unknown', 'requires_action']);

function decideHold({ status, providerReference }: Payment, charge: ProviderCharge): Move | undefined {
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
      // Voided before the provider had ever answered, and yet it holds the money. (After it had, this is old news.)
      return status === 'voided' && providerReference === null ? { to: 'voiding' } : undefined;
    case 'declined':
      if (awaitsHold.has(status)) return { to: 'declined', reason: charge.reason ?? 'declined' };
      return status === 'voiding' ? { to: 'voided' } : undefined;
    case 'voided':
      if (status === 'capturing') return { to: 'failed', reason: 'authorisation_lost' };
      return awaitsHold.has(status) || status === 'authorised' || status === 'voiding'
        ? { to: 'voided' }
        : undefined;
  }
}
