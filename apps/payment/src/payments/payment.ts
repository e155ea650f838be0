import type { PaymentState, PaymentStatus } from '@bulkhead/contracts/payment/api';
import type { Attention } from './attention';

/** A payment as its row. */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string | null;
  readonly provider: string;
  readonly status: PaymentStatus;
  readonly reason: string | null;
  readonly nextActionUrl: string | null;
  readonly currency: string;
  /** Minor units, as all amounts here. */
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly paymentMethod: string | null;
  readonly providerReference: string | null;
  readonly version: number;
  readonly tries: number;
  readonly needsAttentionAt: Date | null;
  readonly attention: Attention | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The columns of Payment, for `select` and `returning`. */
export const paymentColumns = `id, order_id as "orderId", user_id as "userId", provider, status, reason,
  next_action_url as "nextActionUrl", currency, amount, captured, refunded, payment_method as "paymentMethod",
  provider_reference as "providerReference", version, tries, needs_attention_at as "needsAttentionAt", attention,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** ISO 4217 for "no currency": of a payment that was voided before it was asked for. */
export const noCurrency = 'XXX';

/** A payment as order sees it. */
export const toState = (payment: Payment): PaymentState => ({
  paymentId: payment.id,
  orderId: payment.orderId,
  status: payment.status,
  reason: payment.reason,
  nextAction:
    payment.status === 'requires_action' && payment.nextActionUrl !== null
      ? { type: 'redirect', url: payment.nextActionUrl }
      : null,
  captured: { amount: payment.captured, currency: payment.currency },
  refunded: { amount: payment.refunded, currency: payment.currency },
  version: payment.version,
});
