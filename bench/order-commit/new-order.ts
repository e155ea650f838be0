import type { NewOrder } from '@bulkhead/app/order/src/place/write-orders';
import { randomIds } from '@bulkhead/service/ids';

const fingerprint = Buffer.alloc(32, 7);
const lines = [
  { productId: randomIds.next(), sku: 'MUG-BLUE-01', name: 'Blue mug', quantity: 2, unitPrice: 1_999 },
  { productId: randomIds.next(), sku: 'LAMP-DESK-11', name: 'Desk lamp', quantity: 1, unitPrice: 4_500 },
];

/** An order of two lines as the service has it when prices are known. */
export const newOrder = (): NewOrder => ({
  use: { userId: randomIds.next(), scope: 'POST /api/v1/orders', key: randomIds.next(), fingerprint },
  orderId: randomIds.next(),
  lines,
  total: { amount: 8_498, currency: 'EUR' },
  paymentMethod: 'tok_visa',
  shippingAddress: undefined,
  leaseOwner: randomIds.next(),
  leaseMs: 5_000,
  traceparent: undefined,
});
