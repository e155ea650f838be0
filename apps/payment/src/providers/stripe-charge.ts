import type Stripe from 'stripe';
import {
  type ProviderCharge,
  type ProviderDispute,
  type ProviderRefund,
  ProviderUnavailable,
} from './provider';
import { fromStripeAmount } from './stripe-currencies';

/** https://docs.stripe.com/payments/paymentintents/lifecycle */
const statuses: Readonly<Record<string, ProviderCharge['status']>> = {
  requires_confirmation: 'created',
  requires_action: 'requires_action',
  processing: 'processing',
  requires_capture: 'authorised',
  canceled: 'voided',
  succeeded: 'captured',
};

/**
 * An intent is `requires_payment_method` before it was confirmed and again after a card was declined; only the latter
 * has an error. A declined one is never confirmed with another card here.
 */
const statusOf = ({ status, last_payment_error }: Stripe.PaymentIntent) =>
  status === 'requires_payment_method' ? (last_payment_error ? 'declined' : 'created') : statuses[status];

/**
 * @param intent with `latest_charge.refunds` expanded if refunds are needed
 * @throws ProviderUnavailable when it is not a PaymentIntent of this API version
 */
export function toCharge(intent: Stripe.PaymentIntent): ProviderCharge {
  const status = intent.object === 'payment_intent' ? statusOf(intent) : undefined;
  if (!status)
    throw new ProviderUnavailable('unknown', { cause: new Error('no PaymentIntent as documented') });
  const error = intent.last_payment_error;
  const refunds = status === 'captured' ? refundsOf(intent) : [];
  return {
    reference: intent.id,
    status,
    reason: status === 'declined' ? (error?.decline_code ?? error?.code ?? 'declined').slice(0, 100) : null,
    actionUrl: intent.next_action?.redirect_to_url?.url ?? null,
    currency: intent.currency.toUpperCase(),
    captured: fromStripeAmount(intent.amount_received, intent.currency),
    refunded: refunds.reduce((sum, { status, amount }) => (status === 'succeeded' ? sum + amount : sum), 0),
    refunds,
  };
}

/** Stripe reports a void as a refund, though nothing was captured; so only refunds of captured money are read. */
function refundsOf({ latest_charge: charge }: Stripe.PaymentIntent): ProviderRefund[] {
  return typeof charge === 'object' ? (charge?.refunds?.data.map(toRefund) ?? []) : [];
}

/** https://docs.stripe.com/refunds#failed-refunds */
const refundStatuses: Readonly<Record<string, ProviderRefund['status']>> = {
  pending: 'pending',
  // Stripe asks the buyer where to send it.
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

export function toRefund({
  id,
  amount,
  currency,
  status,
  failure_reason,
  metadata,
}: Stripe.Refund): ProviderRefund {
  const known = refundStatuses[status ?? 'pending'] ?? 'pending';
  return {
    reference: id,
    refundId: metadata?.['refund_id'] ?? null,
    amount: fromStripeAmount(amount, currency),
    status: known,
    failure: known === 'failed' ? (failure_reason ?? status ?? 'failed').slice(0, 100) : null,
  };
}

/** https://docs.stripe.com/api/disputes/object#dispute_object-status */
const disputeStatuses: Readonly<Record<string, ProviderDispute['status']>> = {
  warning_needs_response: 'inquiry',
  warning_under_review: 'inquiry',
  warning_closed: 'closed',
  needs_response: 'open',
  under_review: 'open',
  prevented: 'closed',
  won: 'won',
  lost: 'lost',
};

export const toDispute = (dispute: Stripe.Dispute): ProviderDispute => ({
  reference: dispute.id,
  amount: fromStripeAmount(dispute.amount, dispute.currency),
  reason: dispute.reason.slice(0, 100),
  status: disputeStatuses[dispute.status] ?? 'open',
  isRefundable: dispute.is_charge_refundable,
});
