import { paymentApi, paymentInternal } from '@bulkhead/contracts/payment/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { exportPayments } from '../admin/export';
import { getDetails } from '../admin/details';
import { searchPayments } from '../admin/search';
import type { PaymentDatabase } from '../database';
import { acknowledge } from '../payments/attention';
import { authorise } from '../payments/authorise';
import { capture } from '../payments/capture';
import { getByOrder, type Payment, toState } from '../payments/payment';
import { refundOrder } from '../payments/refund-order';
import { refundPart } from '../payments/refund-part';
import type { PaymentDependencies } from '../payments/use-case';
import { voidPayment } from '../payments/void';
import { receiveWebhook, type WebhookDependencies } from '../payments/webhook';

const state = (payment: Payment) => ({ status: 200 as const, body: toState(payment) });

/** The operations of order, by order id. */
export const internalOperations = (
  dependencies: PaymentDependencies,
  database: PaymentDatabase,
): Operation[] => [
  implement(paymentInternal.authorise, async ({ params, body }, { deadline }) =>
    state(await authorise(dependencies, { ...params, ...body }, deadline)),
  ),
  implement(paymentInternal.capture, async ({ params }, { deadline }) =>
    state(await capture(dependencies, params.orderId, deadline)),
  ),
  implement(paymentInternal.void, async ({ params }, { deadline }) =>
    state(await voidPayment(dependencies, params.orderId, deadline)),
  ),
  implement(paymentInternal.refund, async ({ params, query }, { deadline }) =>
    state(await refundOrder(dependencies, { ...params, ...query }, deadline)),
  ),
  implement(paymentInternal.get, async ({ params }) =>
    state(await getByOrder(dependencies.database, params.orderId)),
  ),
  implement(paymentInternal.exportUser, async ({ params }) => ({
    status: 200,
    body: { items: await exportPayments(database, params.userId) },
  })),
];

/** The operations of admins and of the provider's webhooks. */
export const publicOperations = (
  dependencies: PaymentDependencies,
  webhooks: WebhookDependencies,
  database: PaymentDatabase,
): Operation[] => [
  implement(paymentApi.searchPayments, async ({ query }) => ({
    status: 200,
    body: await searchPayments(database, query),
  })),
  implement(paymentApi.getPayment, async ({ params }) => ({
    status: 200,
    body: await getDetails(database, params.paymentId),
  })),
  implement(paymentApi.refundPayment, async ({ params, body }, { user, idempotencyKey, deadline }) => {
    const request = { ...params, ...body, requestedBy: user.id, idempotencyKey: idempotencyKey! };
    const refund = await refundPart(dependencies, request, deadline);
    return { status: 201, headers: { location: `/api/v1/payments/${params.paymentId}` }, body: refund };
  }),
  implement(paymentApi.acknowledgePayment, async ({ params }) => {
    await acknowledge(database, params.paymentId);
    return { status: 200, body: await getDetails(database, params.paymentId) };
  }),
  ...[paymentApi.receiveWebhook, paymentApi.receiveWebhookAsBefore].map((endpoint) =>
    implement(endpoint, async ({ params, headers, body }, { signal }) => {
      const signature = headers[webhooks.provider.signatureHeader];
      await receiveWebhook(webhooks, { ...params, signature, body: body ?? Buffer.alloc(0) }, signal);
      return { status: 200, body: { received: true } };
    }),
  ),
];
