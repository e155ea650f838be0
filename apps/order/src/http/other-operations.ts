import { orderApi, orderInternal } from '@bulkhead/contracts/order/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { pageOfOrders } from '../orders/order-pages';
import type { OrderReader } from '../orders/order-reader';
import type { TraceUrls } from '../orders/trace-url';
import { type OrderRow, toAdminOrder, toOrder } from '../orders/order-view';
import { type State, statesOf } from '../saga/states';

const maxExported = 1_000;

/** The operations of admins and other services. */
export const createOtherOperations = (orders: OrderReader, traceUrls: TraceUrls): readonly Operation[] => [
  implement(orderApi.searchOrders, async ({ query: { limit, cursor, status, state, userId } }) => {
    const filter = { userId, states: statesFor(status && statesOf(status), state) };
    const request = { path: orderApi.searchOrders.path, limit, cursor, filters: { status, state, userId } };
    const view = (row: OrderRow) => toAdminOrder(row, traceUrls);
    return { status: 200 as const, body: await pageOfOrders(orders, filter, request, view) };
  }),

  implement(orderInternal.exportUser, async ({ params: { userId } }) => {
    const rows = await orders.list({ userId }, maxExported);
    return { status: 200 as const, body: { items: rows.map((row) => ({ ...toOrder(row) })) } };
  }),
];

const statesFor = (ofStatus: readonly State[] | undefined, state: State | undefined) => {
  if (state === undefined) return ofStatus;
  return (ofStatus ?? [state]).filter((each) => each === state);
};
