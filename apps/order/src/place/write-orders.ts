import { orderPlaced } from '@bulkhead/contracts/order/events';
import type { Money } from '@bulkhead/contracts/primitives';
import type { Database } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { KeyUse } from './idempotency';
import { placeOrders } from './place-orders.sql';
import type { OrderRequest, PricedLine } from './price';

/** A priced order, to be written with its idempotency key. */
export interface NewOrder {
  readonly use: KeyUse;
  readonly orderId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  /** The provider's token. */
  readonly paymentMethod: string;
  /** The saga's first runner. */
  readonly leaseOwner: string;
  /** Length of its lease, in ms. */
  readonly leaseMs: number;
  readonly traceparent: string | undefined;
  readonly shippingAddress: OrderRequest['shippingAddress'];
}

export interface WriteOrdersOptions {
  readonly database: Database;
  readonly outbox: Outbox;
  /** How long a request may hold its key before it counts as abandoned, in ms. */
  readonly keyLeaseMs: number;
  /** Time after which a pending order expires, in ms. */
  readonly expiryMs: number;
}

const keyLifeMs = 24 * 60 * 60 * 1000;

/** Writes orders, all in one statement. @returns for each whether it was written: not if its key is taken */
export type WriteOrders = (orders: readonly NewOrder[]) => Promise<boolean[]>;

export function createWriteOrders({
  database,
  outbox,
  keyLeaseMs,
  expiryMs,
}: WriteOrdersOptions): WriteOrders {
  return async (orders) => {
    const lines = orders.flatMap((order) =>
      order.lines.map((line, index) => ({ ...line, orderId: order.orderId, position: index + 1 })),
    );
    const { rows } = await database.query<{ id: string }>({
      ...placeOrders,
      values: [
        orders.map(({ use }) => use.userId),
        orders.map(({ use }) => use.scope),
        orders.map(({ use }) => use.key),
        orders.map(({ use }) => use.fingerprint),
        orders.map(({ orderId }) => orderId),
        orders.map(({ total }) => total.amount),
        orders.map(({ total }) => total.currency),
        orders.map(({ paymentMethod }) => paymentMethod),
        orders.map(({ leaseOwner }) => leaseOwner),
        orders.map(({ leaseMs }) => leaseMs),
        orders.map(({ traceparent }) => traceparent ?? null),
        keyLeaseMs,
        keyLifeMs,
        expiryMs,
        lines.map(({ orderId }) => orderId),
        lines.map(({ position }) => position),
        lines.map(({ productId }) => productId),
        lines.map(({ sku }) => sku),
        lines.map(({ name }) => name),
        lines.map(({ quantity }) => quantity),
        lines.map(({ unitPrice }) => unitPrice),
        outbox.rows(orders.map(placedEvent)),
        orders.map(({ shippingAddress }) => (shippingAddress ? JSON.stringify(shippingAddress) : null)),
      ],
    });
    if (rows.length > 0) outbox.wake();
    const written = new Set(rows.map(({ id }) => id));
    return orders.map(({ orderId }) => written.has(orderId));
  };
}

export const placedEvent = ({ orderId, use, total, lines }: NewOrder) => ({
  definition: orderPlaced,
  subject: orderId,
  aggregateVersion: 1,
  data: { orderId, userId: use.userId, total, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) },
});
