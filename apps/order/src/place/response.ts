import { problem, toProblemResponse } from '@bulkhead/service/errors';
import { type OrderRow, toOrder } from '../orders/order-view';
import type { RecordedResponse } from './idempotency';

export const orderPath = (orderId: string): string => `/api/v1/orders/${orderId}`;

/**
 * The response to `POST orders` for an order in its current state: its outcome, or that it is in progress.
 * @param respondAsync the buyer asked for a 202 (RFC 7240 §4.1), and gets one however fast the saga was
 */
export function responseFor(row: OrderRow, requestId: string, respondAsync = false): RecordedResponse {
  const location = orderPath(row.id);
  if (row.state === 'confirmed' && !respondAsync) return success(201, { location }, row);
  if (row.state === 'rejected') return rejection(row, requestId);
  return success(202, { location, 'retry-after': '1' }, row);
}

const success = (status: number, headers: Record<string, string>, row: OrderRow): RecordedResponse => ({
  status,
  headers,
  body: JSON.stringify(toOrder(row)),
});

function rejection(row: OrderRow, requestId: string): RecordedResponse {
  const lacking = new Set(row.lacking_skus);
  const error =
    row.reason === 'out-of-stock'
      ? problem('out-of-stock', {
          extensions: {
            orderId: row.id,
            items: row.lines
              .filter(({ sku }) => lacking.has(sku))
              .map(({ productId, sku }) => ({ productId, sku })),
          },
        })
      : problem('payment-declined', { extensions: { orderId: row.id } });
  const { status, headers, body } = toProblemResponse(error, requestId);
  return { status, headers: { ...headers, location: orderPath(row.id) }, body: JSON.stringify(body) };
}
