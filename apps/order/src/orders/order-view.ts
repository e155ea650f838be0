import type { z } from 'zod';
import type {
  AdminOrder,
  Order,
  OrderRefund,
  ShippingAddress,
  Transition,
} from '@bulkhead/contracts/order/api';
import type { OrderRefund as OrderRefundRow, Prisma } from '../generated/prisma/client';
import type { TraceUrls } from './trace-url';
import { type State, statusOf } from '../saga/states';

/** An order as read from the database, with its lines. */
export interface OrderRow {
  readonly id: string;
  readonly user_id: string;
  readonly state: State;
  readonly version: number;
  readonly reason: string | null;
  readonly total_amount: number;
  readonly refunded_amount: number;
  readonly currency: string;
  readonly created_at: Date;
  readonly changed_at: Date;
  readonly expires_at: Date;
  readonly next_action_url: string | null;
  readonly lacking_skus: string[];
  readonly due_at: Date | null;
  readonly attempt: number;
  readonly traceparent: string | null;
  readonly shipping_address: z.output<typeof ShippingAddress> | null;
  readonly lines: LineRow[];
}

interface LineRow {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

export interface TransitionRow {
  readonly sequence: number;
  readonly state: State;
  readonly reason: string | null;
  readonly at: Date;
}

/** The client's selection for OrderRow. */
export const withLinesAndRefunds = {
  lines: { orderBy: { position: 'asc' } },
  refunds: { where: { status: 'succeeded' }, select: { amount: true } },
} as const satisfies Prisma.OrderInclude;

export const toOrderRow = ({
  lines,
  refunds,
  ...row
}: Prisma.OrderGetPayload<{ include: typeof withLinesAndRefunds }>): OrderRow => ({
  id: row.id,
  user_id: row.userId,
  state: row.state as State,
  version: row.version,
  reason: row.reason,
  total_amount: Number(row.totalAmount),
  refunded_amount: refunds.reduce((sum, { amount }) => sum + Number(amount), 0),
  currency: row.currency,
  created_at: row.createdAt,
  changed_at: row.changedAt,
  expires_at: row.expiresAt,
  next_action_url: row.nextActionUrl,
  lacking_skus: row.lackingSkus,
  due_at: row.dueAt,
  attempt: row.attempt,
  traceparent: row.traceparent,
  shipping_address: row.shippingAddress as OrderRow['shipping_address'],
  lines: lines.map((line) => ({ ...line, unitPrice: Number(line.unitPrice) })),
});

/** The SQL columns of OrderRow. */
export const orderRows = `select id, user_id, state, version, reason, total_amount, currency, created_at, changed_at,
      expires_at, next_action_url, lacking_skus, due_at, attempt, traceparent, shipping_address,
      (select jsonb_agg(jsonb_build_object('productId', product_id, 'sku', sku, 'name', name, 'quantity', quantity,
         'unitPrice', unit_price) order by position)
       from order_line where order_id = orders.id) as lines,
      (select coalesce(sum(amount), 0)::bigint from order_refund
       where order_id = orders.id and status = 'succeeded') as refunded_amount
    from orders`;

/** An order as its buyer sees it. */
export function toOrder(row: OrderRow): z.input<typeof Order> {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    status: statusOf(row.state),
    state: row.state,
    reason: row.reason,
    items: row.lines.map(({ productId, sku, name, quantity, unitPrice }) => ({
      productId,
      sku,
      name,
      quantity,
      unitPrice: money(unitPrice),
      total: money(unitPrice * quantity),
    })),
    total: money(row.total_amount),
    refunded: money(row.refunded_amount),
    nextAction: row.next_action_url === null ? null : { type: 'redirect', url: row.next_action_url },
    shippingAddress: row.shipping_address,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.changed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}

/** An order as an admin sees it. */
export const toAdminOrder = (row: OrderRow, traceUrls: TraceUrls): z.input<typeof AdminOrder> => ({
  ...toOrder(row),
  userId: row.user_id,
  attempt: row.attempt,
  dueAt: row.due_at?.toISOString() ?? null,
  traceUrl: traceUrls(row.traceparent),
});

export const toTransition = ({ sequence, state, reason, at }: TransitionRow): z.input<typeof Transition> => ({
  sequence,
  state,
  status: statusOf(state),
  reason,
  at: at.toISOString(),
});

export const toRefund = (
  { id, amount, status, createdAt, changedAt }: OrderRefundRow,
  currency: string,
): z.input<typeof OrderRefund> => ({
  id,
  amount: { amount: Number(amount), currency },
  status: status as z.input<typeof OrderRefund>['status'],
  createdAt: createdAt.toISOString(),
  updatedAt: changedAt.toISOString(),
});
