import { orderPlaced } from '@bulkhead/contracts/order/events';
import { randomIds } from '@bulkhead/service/ids';
import { createQuietOutbox } from '../outbox';

const outbox = createQuietOutbox('order');

const fingerprint = Buffer.alloc(32, 7);
const lines = [
  { productId: randomIds.next(), sku: 'MUG-BLUE-01', name: 'Blue mug', quantity: 2, unitPrice: 1_999 },
  { productId: randomIds.next(), sku: 'LAMP-DESK-11', name: 'Desk lamp', quantity: 1, unitPrice: 4_500 },
];

export type NewOrder = ReturnType<typeof newOrder>;

/** An order of two lines as the service has it when prices are known. */
export function newOrder() {
  const orderId = randomIds.next();
  const userId = randomIds.next();
  const total = { amount: 8_498, currency: 'EUR' };
  return {
    orderId,
    userId,
    owner: randomIds.next(),
    scope: 'POST /api/v1/orders',
    key: randomIds.next(),
    fingerprint,
    total,
    lines,
    /** The rows of the outbox as JSON. */
    events: outbox.rows([
      {
        definition: orderPlaced,
        subject: orderId,
        aggregateVersion: 1,
        data: { orderId, userId, total, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) },
      },
    ]),
  };
}
