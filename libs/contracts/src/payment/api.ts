import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import {
  CurrencyCode,
  Id,
  maxAmount,
  Money,
  page,
  PageQuery,
  PaymentMethod,
  text,
  Timestamp,
  wholeNumber,
} from '../primitives';

const tag = 'payments';
const adminOnly = { kind: 'role', role: 'admin' } as const;

export const paymentStatuses = [
  'authorising',
  'requires_action',
  'unknown',
  'authorised',
  'declined',
  'capturing',
  'captured',
  'voiding',
  'voided',
  'refunding',
  'partially_refunded',
  'refunded',
  'failed',
] as const;

export const PaymentStatus = z.enum(paymentStatuses).meta({
  id: 'PaymentStatus',
  description:
    '`authorising`, `capturing`, `voiding` and `refunding` are on their way at the provider; `unknown`: the provider ' +
    'did not say whether it holds the money, and is asked again; `failed`: the provider refused to capture what it ' +
    'had authorised',
});
export type PaymentStatus = z.infer<typeof PaymentStatus>;

/**
 * An amount to pay or give back: at least one minor unit, in the currency that was ordered in, so that orders are paid
 * and refunded also when it has left the list of currencies.
 */
const PositiveMoney = z.strictObject({
  amount: z.int().min(1).max(maxAmount).meta({ description: 'minor units, such as cents' }),
  currency: CurrencyCode,
});

const Reason = z
  .string()
  .nullable()
  .meta({ description: 'why it was declined or failed, in the provider’s words, as `insufficient_funds`' });

/** What order knows of a payment. Without a payment (a void that came first), amounts are 0 XXX (ISO 4217: none). */
export const PaymentState = z.object({
  paymentId: Id,
  orderId: Id,
  status: PaymentStatus,
  reason: Reason,
  nextAction: z
    .object({ type: z.literal('redirect'), url: z.string() })
    .nullable()
    .meta({ description: 'where the buyer has to go, while the status is `requires_action`' }),
  captured: Money,
  refunded: Money,
  version: z.int().min(1).meta({ description: 'grows with every change; payment events carry it' }),
});
export type PaymentState = z.infer<typeof PaymentState>;

export const refundOrigins = ['order', 'staff', 'provider'] as const;

export const Refund = z
  .object({
    id: Id,
    amount: Money,
    status: z.enum(['pending', 'succeeded', 'failed']).meta({
      description:
        'may stay `pending` for days. `failed` may follow `succeeded`: the buyer’s bank has returned the money',
    }),
    origin: z.enum(refundOrigins).meta({
      description:
        'who made it: the order, because it was cancelled; staff; or somebody at the provider itself',
    }),
    reason: z.string().nullable().meta({ description: 'what whoever asked for it gave as the reason' }),
    failure: z.string().nullable().meta({ description: 'why it failed, in the provider’s words' }),
    createdAt: Timestamp,
    settledAt: Timestamp.nullable().meta({ description: 'when it succeeded, or failed at last' }),
  })
  .meta({ id: 'Refund' });
export type Refund = z.infer<typeof Refund>;

export const Dispute = z
  .object({
    reference: z.string().meta({ description: 'the provider’s own id of it' }),
    amount: z.int().min(0).meta({ description: 'minor units, in the currency of the payment' }),
    reason: z.string().meta({ description: 'the bank’s, in the provider’s words, as `fraudulent`' }),
    status: z.enum(['inquiry', 'open', 'won', 'lost', 'closed']).meta({
      description:
        '`inquiry`: the bank asks, and no money has moved; `closed`: it ended without a decision about money',
    }),
    openedAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Dispute' });
export type Dispute = z.infer<typeof Dispute>;

const paymentFields = {
  id: Id,
  orderId: Id,
  userId: Id.nullable().meta({ description: 'null once the person was erased' }),
  status: PaymentStatus,
  reason: Reason,
  provider: z.string(),
  amount: Money,
  captured: Money,
  refunded: Money,
  needsAttention: z.boolean().meta({ description: 'a person has to look; `attention` says why' }),
  attention: z
    .string()
    .nullable()
    .meta({
      description:
        '`unanswered`: the provider gave no response for 24 h, or did not finish a refund within 14 days; ' +
        '`capture-refused`; `captured-unasked`: the provider took money of a payment that had ended without; ' +
        '`refund-failed`; `disputed`: the buyer’s bank asks for the money, or has taken it; `contradicted`: the provider told what cannot be, and nothing of it was believed',
    }),
  version: z.int().min(1),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};

export const Payment = z.object(paymentFields).meta({ id: 'Payment' });

export const PaymentDetails = z
  .object({
    ...paymentFields,
    refunds: z.array(Refund).meta({ description: 'newest first, at most 100' }),
    disputes: z.array(Dispute).meta({ description: 'newest first, at most 100' }),
    attempts: z
      .array(
        z.object({
          operation: z.enum(['authorise', 'capture', 'void', 'refund']),
          startedAt: Timestamp,
          finishedAt: Timestamp.nullable(),
          outcome: z
            .enum(['done', 'refused', 'not-sent', 'unknown'])
            .nullable()
            .meta({ description: 'null while it is running' }),
        }),
      )
      .meta({ description: 'calls to the provider, newest first, at most 100' }),
  })
  .meta({ id: 'PaymentDetails' });

const paymentParams = z.object({ paymentId: Id });

export const paymentApi = {
  searchPayments: defineEndpoint({
    operationId: 'searchPayments',
    method: 'get',
    path: '/api/v1/payments',
    summary: 'Search all payments, newest first',
    tag,
    access: adminOnly,
    priority: 'browse',
    query: PageQuery.extend({ orderId: Id.optional(), status: PaymentStatus.optional() }),
    responses: { 200: { description: 'One page', schema: page(Payment).meta({ id: 'PaymentList' }) } },
  }),
  getPayment: defineEndpoint({
    operationId: 'getPayment',
    method: 'get',
    path: '/api/v1/payments/{paymentId}',
    summary: 'Get a payment with its refunds and the calls to the provider',
    tag,
    access: adminOnly,
    priority: 'browse',
    params: paymentParams,
    responses: { 200: { description: 'The payment', schema: PaymentDetails } },
    problems: ['not-found'],
  }),
  refundPayment: defineEndpoint({
    operationId: 'refundPayment',
    method: 'post',
    path: '/api/v1/payments/{paymentId}/refunds',
    summary: 'Give back a part of a captured payment, or all of it',
    description:
      'Answers once the provider has answered, or with `pending` when it does not in time or has only accepted it. ' +
      '`conflict` names the `paymentStatus` that does not allow it: one refund is asked for at a time, and never more ' +
      'than was captured. While the payment is disputed, and once a dispute was lost, it is a `conflict`, too, whose ' +
      '`dispute` says which, for a refund would pay the buyer twice. The order shows it and stays what it is, also when all is given back: its stock is not put ' +
      'back. The buyer is told once the money has gone.',
    tag,
    access: adminOnly,
    priority: 'pay',
    idempotencyKey: 'required',
    params: paymentParams,
    body: z.object({ amount: PositiveMoney, reason: text(1, 200).optional() }).meta({ id: 'NewRefund' }),
    responses: {
      201: {
        description: 'The refund as it was when first answered',
        schema: Refund,
        headers: { location: { description: 'path of the payment, which shows the refund as it is' } },
      },
    },
    problems: ['not-found', 'conflict', 'idempotency-in-progress', 'idempotency-key-reused'],
  }),
  acknowledgePayment: defineEndpoint({
    operationId: 'acknowledgePayment',
    method: 'post',
    path: '/api/v1/payments/{paymentId}/acknowledge',
    summary: 'Note that a person has looked at a payment that needs attention',
    description: 'It needs none then. Again, or where it needed none, nothing changes.',
    tag,
    access: adminOnly,
    priority: 'browse',
    retryable: true,
    params: paymentParams,
    responses: { 200: { description: 'The payment', schema: PaymentDetails } },
    problems: ['not-found'],
  }),
  receiveWebhook: defineEndpoint({
    operationId: 'receivePaymentWebhook',
    method: 'post',
    path: '/api/v1/payments/webhooks/{provider}',
    summary: 'What the payment provider tells us',
    description:
      'Signed: `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, at most 5 minutes old or ahead. May come twice and ' +
      'in any order. A wrong signature and a body that cannot be read are answered `malformed-request`. What contradicts ' +
      'what is known is not believed, and is shown to staff as `needsAttention`.',
    tag,
    access: { kind: 'public' },
    priority: 'pay',
    rawBody: true,
    bodyLimit: 256 * 1024,
    params: z.object({
      provider: z.string().regex(/^[a-z]{1,20}$/, 'must be the name of a payment provider'),
    }),
    headers: z.object({
      'webhook-signature': z.string().max(1000).optional().meta({ description: 'of the simulated provider' }),
      'stripe-signature': z.string().max(1000).optional().meta({ description: 'of Stripe' }),
    }),
    responses: {
      200: { description: 'Noted', schema: z.object({ received: z.literal(true) }) },
    },
    problems: ['not-found'],
  }),
} as const;

const orderId = z.object({ orderId: Id });
const byOrder = { kind: 'service', callers: ['order'] } as const;
const paymentStateAnswer = {
  200: {
    description: 'The payment as it is now, also while the provider’s answer is out',
    schema: PaymentState,
  },
};

/** Keyed by order id and idempotent by it. `conflict` carries the status that forbids it in `paymentStatus`. */
export const paymentInternal = {
  authorise: defineEndpoint({
    operationId: 'authorisePayment',
    method: 'put',
    path: '/internal/payments/{orderId}',
    summary: 'Hold the money of an order',
    description:
      'Repeating gives the present state, and asks the provider again where its answer was lost. After a void it stays ' +
      '`voided`. `conflict` when the order was begun with another amount or buyer.',
    tag,
    access: byOrder,
    priority: 'pay',
    retryable: true,
    params: orderId,
    body: z.object({
      userId: Id,
      amount: PositiveMoney,
      paymentMethod: PaymentMethod,
    }),
    responses: paymentStateAnswer,
    problems: ['conflict'],
  }),
  capture: defineEndpoint({
    operationId: 'capturePayment',
    method: 'post',
    path: '/internal/payments/{orderId}/capture',
    summary: 'Take the money that is held',
    description: '`conflict` unless it is authorised; repeating after a capture gives the present state.',
    tag,
    access: byOrder,
    priority: 'pay',
    retryable: true,
    params: orderId,
    responses: paymentStateAnswer,
    problems: ['not-found', 'conflict'],
  }),
  void: defineEndpoint({
    operationId: 'voidPayment',
    method: 'post',
    path: '/internal/payments/{orderId}/void',
    summary: 'Let go of the money that is held',
    description:
      'Also before the authorisation was answered or even asked for: one that comes late then finds `voided`. A ' +
      'declined payment stays `declined`, for nothing is held. `conflict` once a capture has begun.',
    tag,
    access: byOrder,
    priority: 'pay',
    retryable: true,
    params: orderId,
    responses: paymentStateAnswer,
    problems: ['conflict'],
  }),
  refund: defineEndpoint({
    operationId: 'refundOrderPayment',
    method: 'post',
    path: '/internal/payments/{orderId}/refund',
    summary: 'Give back all that was captured and not yet given back',
    description:
      'Repeat it until the status is `refunded`. `conflict` unless something was captured, and when the refund failed ' +
      '(the extension `reason` says why).',
    tag,
    access: byOrder,
    priority: 'pay',
    retryable: true,
    params: orderId,
    query: z.object({
      round: wholeNumber(1, 1_000_000_000).optional().meta({
        description:
          'a number for each decision to refund: what failed in a round is not asked for again in it',
      }),
    }),
    responses: paymentStateAnswer,
    problems: ['not-found', 'conflict'],
  }),
  get: defineEndpoint({
    operationId: 'getOrderPayment',
    method: 'get',
    path: '/internal/payments/{orderId}',
    summary: 'The payment of an order as payment knows it',
    tag,
    access: byOrder,
    priority: 'pay',
    params: orderId,
    responses: paymentStateAnswer,
    problems: ['not-found'],
  }),
  exportUser: defineEndpoint({
    operationId: 'exportPayments',
    method: 'get',
    path: '/internal/users/{userId}/export',
    summary: 'What payment holds about a person',
    tag,
    access: { kind: 'service', callers: ['profile'] },
    priority: 'browse',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'Their newest payments, at most 1,000',
        schema: z.object({ items: z.array(z.record(z.string(), z.unknown())).max(1000) }),
      },
    },
  }),
} as const;
