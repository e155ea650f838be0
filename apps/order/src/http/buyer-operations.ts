import { orderApi } from '@bulkhead/contracts/order/api';
import { problem } from '@bulkhead/service/errors';
import { implement, implementStream, type Operation } from '@bulkhead/service/http/operation';
import type { CancelOrder } from '../cancel/cancel-order';
import { pageOfOrders } from '../orders/order-pages';
import type { OrderReader } from '../orders/order-reader';
import { toOrder, toRefund, toTransition } from '../orders/order-view';
import { orderPath } from '../place/response';
import type { PlaceOrder } from '../place/place-order';
import { isFinal, statesOf } from '../saga/states';
import type { StreamOrder } from '../stream/stream-order';

export interface BuyerUseCases {
  readonly placeOrder: PlaceOrder;
  readonly cancelOrder: CancelOrder;
  readonly streamOrder: StreamOrder;
  readonly orders: OrderReader;
}

/** The operations of buyers. */
export const createBuyerOperations = ({
  placeOrder,
  cancelOrder,
  streamOrder,
  orders,
}: BuyerUseCases): readonly Operation[] => [
  implement(orderApi.placeOrder, async ({ body, headers }, context) => {
    const response = await placeOrder({
      userId: context.user.id,
      key: context.idempotencyKey as string,
      request: body,
      respondAsync: prefersAsync(headers.prefer),
      context,
    });
    // The stored bytes, even the first time: every response to one key is the same.
    return { ...response, body: Buffer.from(response.body) as never, status: response.status as 201 };
  }),

  implement(orderApi.listOrders, async ({ query: { limit, cursor, status } }, { user }) => {
    const filter = { userId: user.id, states: status && statesOf(status) };
    const request = { path: orderApi.listOrders.path, limit, cursor, filters: { status } };
    return { status: 200 as const, body: await pageOfOrders(orders, filter, request, toOrder) };
  }),

  implement(orderApi.getOrder, async ({ params: { orderId } }, { user }) => {
    const row = await orders.ofUser(user.id, orderId);
    if (!row) throw problem('not-found');
    const timeline = (await orders.timeline(orderId)).map(toTransition);
    const refunds = (await orders.refunds(orderId)).map((refund) => toRefund(refund, row.currency));
    return { status: 200 as const, body: { ...toOrder(row), timeline, refunds } };
  }),

  implement(orderApi.cancelOrder, async ({ params: { orderId } }, context) => {
    const row = await cancelOrder(context.user.id, orderId, context);
    if (isFinal(row.state)) return { status: 200 as const, body: toOrder(row) };
    const headers = { location: orderPath(orderId), 'retry-after': '1' };
    return { status: 202 as const, headers, body: toOrder(row) };
  }),

  implementStream(orderApi.streamOrder, ({ params, headers }, { user }, stream) =>
    streamOrder(user.id, params.orderId, Number(headers['last-event-id'] ?? 0), stream),
  ),
];

/** `Prefer: respond-async` (RFC 7240 §4.1), alone or among other preferences. */
const prefersAsync = (prefer: string | undefined): boolean =>
  (prefer ?? '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
