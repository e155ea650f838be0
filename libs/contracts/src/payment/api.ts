import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { extending } from '../extending';
import { RefundStatus } from '../order/api';
import { Problem } from '../problem';
import {
  Id,
  Money,
  page,
  PageQuery,
  PaymentMethod,
  PositiveMoney,
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

const Reason = z
  .string()
  .nullable()
  .meta({ description: 'why it was declined or failed, in the provider’s words, as `insufficient_funds`' });

/**
 * A payment as order sees it. Without a payment (a void that came first), amounts are 0 XXX (ISO 4217: no currency).
 */
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

export const RefundOrigin = z
  .enum(refundOrigins)
  .meta({ id: 'RefundOrigin', description: 'Who made a refund' });

export const Refund = z
  .object({
    id: Id,
    amount: Money,
    status: RefundStatus.meta({
      description:
        'may stay `pending` for days. `failed` may follow `succeeded`: the buyer’s bank has returned the money',
    }),
    origin: RefundOrigin.meta({
      description:
        'who made it: the order, because it was cancelled; staff; or somebody at the provider itself',
    }),
    reason: z.string().nullable().meta({ description: 'the reason given by whoever requested it' }),
    failure: z.string().nullable().meta({ description: 'why it failed, in the provider’s words' }),
    createdAt: Timestamp,
    settledAt: Timestamp.nullable().meta({ description: 'when it succeeded, or failed at last' }),
  })
  .meta({ id: 'Refund', description: 'Money that goes back to a buyer, as staff see it' });
export type Refund = z.infer<typeof Refund>;

const DisputeStatus = z.enum(['inquiry', 'open', 'won', 'lost', 'closed']).meta({
  id: 'DisputeStatus',
  description:
    '`inquiry`: the bank asks, and no money has moved; `closed`: it ended without a decision about money',
});

export const Dispute = z
  .object({
    reference: z.string().meta({ description: 'the provider’s own id of it' }),
    amount: z.int().min(0).meta({ description: 'minor units, in the currency of the payment' }),
    reason: z.string().meta({ description: 'the bank’s, in the provider’s words, as `fraudulent`' }),
    status: DisputeStatus,
    openedAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Dispute', description: 'A buyer’s bank asks for the money of a payment' });
export type Dispute = z.infer<typeof Dispute>;

export const Payment = z
  .object({
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
          '`refund-failed`; `disputed`: the buyer’s bank asks about the payment, or has reclaimed it; `contradicted`: the provider reported an impossible state, which was not recorded',
      }),
    version: z.int().min(1),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Payment', description: 'The money of an order, as staff see it' });

const PaymentAttempt = z
  .object({
    operation: z
      .enum(['authorise', 'capture', 'void', 'refund'])
      .meta({ id: 'PaymentOperation', description: 'What the payment provider was asked to do' }),
    startedAt: Timestamp,
    finishedAt: Timestamp.nullable(),
    outcome: z
      .enum(['done', 'refused', 'not-sent', 'unknown'])
      .meta({ id: 'PaymentOutcome', description: 'What came of a call; `unknown`: there was no response' })
      .nullable()
      .meta({ description: 'null while it is running' }),
  })
  .meta({ id: 'PaymentAttempt', description: 'A call to the payment provider' });

export const PaymentDetails = extending(
  Payment,
  Payment.extend({
    refunds: z.array(Refund).meta({ description: 'newest first, at most 100' }),
    disputes: z.array(Dispute).meta({ description: 'newest first, at most 100' }),
    attempts: z
      .array(PaymentAttempt)
      .meta({ description: 'calls to the provider, newest first, at most 100' }),
  }).meta({
    id: 'PaymentDetails',
    description: 'A payment with its refunds, disputes and calls to the provider',
  }),
);

const paymentParams = z.object({ paymentId: Id });

const RefundConflictProblem = extending(
  Problem,
  Problem.extend({
    paymentStatus: PaymentStatus.optional(),
    reason: z
      .string()
      .optional()
      .meta({ description: 'as `disputed`', examples: ['disputed'] }),
    dispute: Dispute.optional().meta({ description: 'that stands in the way' }),
  }).meta({
    id: 'RefundConflictProblem',
    description: '`conflict`: the payment cannot be refunded as it is',
  }),
);

const webhook = defineEndpoint({
  operationId: 'receivePaymentWebhook',
  method: 'post',
  path: '/api/v1/payment-webhooks/{provider}',
  summary: 'Receives webhooks of the payment provider',
  description:
    'Signed: `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, at most 5 minutes old or ahead. May come twice and ' +
    'in any order. A wrong signature or an invalid body is rejected with `malformed-request`. An event that contradicts ' +
    'the known state is not recorded, and is shown to staff as `needsAttention`.',
  tag,
  access: { kind: 'public' },
  priority: 'pay',
  rawBody: true,
  bodyLimit: 256 * 1024,
  params: z.object({
    provider: z
      .string()
      .regex(/^[a-z]{1,20}$/, 'must be the name of a payment provider')
      .meta({ description: 'the payment provider', examples: ['stripe'] }),
  }),
  headers: z.object({
    'webhook-signature': z
      .string()
      .max(1000)
      .optional()
      .meta({ description: 'of the simulated provider', examples: ['t=1732960860,v1=5257a869e7ec'] }),
    'stripe-signature': z
      .string()
      .max(1000)
      .optional()
      .meta({ description: 'of Stripe', examples: ['t=1732960860,v1=5257a869e7ec'] }),
  }),
  responses: {
    200: {
      description: 'Noted',
      schema: z
        .object({ received: z.literal(true) })
        .meta({ id: 'WebhookReceipt', description: 'That the event was noted' }),
    },
  },
  problems: ['not-found'],
});

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
    responses: { 200: { description: 'One page', schema: page(Payment) } },
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
    summary: 'Refund a captured payment, partially or fully',
    description:
      'Responds once the provider has responded, or with `pending` if it does not in time or has only accepted it. ' +
      '`conflict` contains the `paymentStatus` that does not allow it: there is one refund at a time, and never more ' +
      'than was captured. While the payment is disputed, and after a dispute was lost, it is also a `conflict`, with the ' +
      '`dispute`, because a refund would pay the buyer twice. The order shows the refund and keeps its status, even if everything is refunded: its stock is not put ' +
      'back. The buyer is notified once the money is on its way.',
    tag,
    access: adminOnly,
    priority: 'pay',
    idempotencyKey: 'required',
    params: paymentParams,
    body: z.object({
      amount: PositiveMoney,
      reason: text(1, 200)
        .optional()
        .meta({ description: 'why, for the records', examples: ['Damaged on arrival'] }),
    }),
    responses: {
      201: {
        description: 'The refund as in the first response',
        schema: Refund,
        headers: { location: { description: 'path of the payment, which shows the refund as it is' } },
      },
    },
    problems: ['not-found', 'conflict', 'idempotency-in-progress', 'idempotency-key-reused'],
    problemSchemas: { conflict: RefundConflictProblem },
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
  receiveWebhook: webhook,
  /** Its path could be that of a payment's id; providers may still be configured with it. */
  receiveWebhookAsBefore: defineEndpoint({
    ...webhook,
    operationId: 'receivePaymentWebhookAsBefore',
    path: '/api/v1/payments/webhooks/{provider}',
    movedTo: 'receivePaymentWebhook',
    deprecated: { since: '2026-11-30', successor: '/api/v1/payment-webhooks' },
  }),
} as const;

const orderId = z.object({ orderId: Id });
const byOrder = { kind: 'service', callers: ['order'] } as const;
const paymentStateAnswer = {
  200: {
    description: 'The current payment, even while the provider’s response is pending',
    schema: PaymentState,
  },
};

/** Idempotent by order id. `conflict` contains the conflicting status in `paymentStatus`. */
export const paymentInternal = {
  authorise: defineEndpoint({
    operationId: 'authorisePayment',
    method: 'put',
    path: '/internal/payments/{orderId}',
    summary: 'Hold the money of an order',
    description:
      'Repeating returns the current state, and asks the provider again if its response was lost. After a void it stays ' +
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
      'Also works before the authorisation has finished or even started: a late one then finds `voided`. A ' +
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
    summary: 'Everything that payment stores about a person',
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
