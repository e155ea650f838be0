import type { ShopView } from './shop-view';

/** A payment with what the ledger says of it; minor units. */
export interface AuditedPayment {
  readonly id: string;
  readonly orderId: string;
  readonly provider: string;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly providerReference: string | null;
  readonly isDue: boolean;
  readonly needsAttention: boolean;
  /** Given back by an admin, a part at a time, while the order stays confirmed. */
  readonly refundedByAdmin: number;
}

export const readPayments = (shop: ShopView): Promise<AuditedPayment[]> =>
  shop.ask<AuditedPayment>(
    'payment',
    `select id, order_id as "orderId", provider, status, currency, amount, captured, refunded,
      provider_reference as "providerReference", due_at is not null as "isDue",
      needs_attention_at is not null as "needsAttention",
      coalesce((select sum(refunds.amount) from refunds where payment_id = payments.id
        and refunds.status = 'succeeded' and requested_by is not null), 0)::bigint as "refundedByAdmin"
    from payments order by id`,
  );
