import { z } from 'zod';
import type { ProviderCharge, ProviderEvent, ProviderRefund } from './provider';

/** The parts of Stripe's objects that are read here (https://docs.stripe.com/api/payment_intents/object). */
const Refund = z.object({
  id: z.string().max(255),
  amount: z.int().min(1),
  status: z.string().nullish(),
  failure_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

const Charge = z.object({
  object: z.literal('charge'),
  payment_intent: z.string().max(255),
  captured: z.boolean(),
  amount_captured: z.int().min(0),
  amount_refunded: z.int().min(0),
  refunds: z.object({ data: z.array(Refund) }).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

export const PaymentIntent = z.object({
  object: z.literal('payment_intent'),
  id: z.string().min(1).max(255),
  status: z.string(),
  amount_received: z.int().min(0).default(0),
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
  next_action: z.object({ redirect_to_url: z.object({ url: z.string().nullish() }).nullish() }).nullish(),
  latest_charge: z.union([z.string(), Charge]).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type PaymentIntent = z.infer<typeof PaymentIntent>;

export const isPaymentIntent = ({ status }: PaymentIntent): boolean => status in statuses;

export const StripeError = z.object({
  error: z.object({
    type: z.string().optional(),
    code: z.string().optional(),
    decline_code: z.string().optional(),
    payment_intent: z.unknown().optional(),
  }),
});

const statuses: Readonly<Record<string, ProviderCharge['status']>> = {
  // A declined card sends the intent back to here; we never confirm one with another card.
  requires_payment_method: 'declined',
  requires_confirmation: 'processing',
  requires_action: 'requires_action',
  processing: 'processing',
  requires_capture: 'authorised',
  canceled: 'voided',
  succeeded: 'captured',
};

export const toCharge = (intent: PaymentIntent): ProviderCharge => {
  const status = statuses[intent.status] ?? 'processing';
  const error = intent.last_payment_error;
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : undefined;
  return {
    reference: intent.id,
    status,
    reason: status === 'declined' ? (error?.decline_code ?? error?.code ?? 'declined').slice(0, 100) : null,
    actionUrl: intent.next_action?.redirect_to_url?.url ?? null,
    captured: intent.amount_received,
    refunded: refundedOf(charge),
    refunds: refundsOf(charge),
  };
};

/** Letting go of a hold counts as a refund there, though nothing was taken. */
const refundedOf = (charge: z.infer<typeof Charge> | null | undefined): number =>
  charge?.captured ? charge.amount_refunded : 0;

/** https://docs.stripe.com/refunds#failed-refunds */
const refundStatuses: Readonly<Record<string, ProviderRefund['status']>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

const refundsOf = (charge: z.infer<typeof Charge> | null | undefined): ProviderRefund[] =>
  charge?.captured
    ? (charge.refunds?.data ?? []).map(({ id, amount, status, failure_reason, metadata }) => {
        const known = refundStatuses[status ?? ''] ?? 'pending';
        return {
          reference: id,
          refundId: metadata?.['refund_id'] ?? null,
          amount,
          status: known,
          failure: known === 'failed' ? (failure_reason ?? status ?? 'failed') : null,
        };
      })
    : [];

const Event = z.object({
  id: z.string().min(1).max(255),
  type: z.string(),
  data: z.object({ object: z.looseObject({ object: z.string() }) }),
});

/** https://docs.stripe.com/api/events: those that tell of a PaymentIntent or of its charge. */
export function readStripeEvent(body: unknown): ProviderEvent | undefined {
  const event = Event.safeParse(body);
  if (!event.success) return undefined;
  const { id, data } = event.data;

  const intent = PaymentIntent.safeParse(data.object);
  if (intent.success) return { id, orderId: orderIdOf(intent.data.metadata), charge: toCharge(intent.data) };

  const charge = Charge.safeParse(data.object);
  if (!charge.success || !charge.data.captured) return undefined;
  return {
    id,
    orderId: orderIdOf(charge.data.metadata),
    charge: {
      reference: charge.data.payment_intent,
      status: 'captured',
      reason: null,
      actionUrl: null,
      captured: charge.data.amount_captured,
      refunded: refundedOf(charge.data),
      refunds: refundsOf(charge.data),
    },
  };
}

const orderIdOf = (metadata: Record<string, string> | null | undefined): string | undefined => {
  const id = z.uuid().safeParse(metadata?.['order_id']);
  return id.success ? id.data : undefined;
};
