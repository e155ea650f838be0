import type { z } from 'zod';
import type { AdminOrder, Order, OrderRefund, Transition } from '@bulkhead/contracts/order/api';
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

export interface RefundRow {
  readonly id: string;
  /** Minor units, in the currency of the order. */
  readonly amount: number;
  readonly status: z.input<typeof OrderRefund>['status'];
  readonly created_at: Date;
  readonly changed_at: Date;
}

/** What OrderRow is selected from. */
export const orderRows = `select id, user_id, state, version, reason, total_amount, currency, created_at, changed_at,
      expires_at, next_action_url, lacking_skus, due_at, attempt,
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
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.changed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}

/** An order as an admin sees it. */
export const toAdminOrder = (row: OrderRow): z.input<typeof AdminOrder> => ({
  ...toOrder(row),
  userId: row.user_id,
  attempt: row.attempt,
  dueAt: row.due_at?.toISOString() ?? null,
});

export const toTransition = ({ sequence, state, reason, at }: TransitionRow): z.input<typeof Transition> => ({
  sequence,
  state,
  status: statusOf(state),
  reason,
  at: at.toISOString(),
});

export const toRefund = (
  { id, amount, status, created_at, changed_at }: RefundRow,
  currency: string,
): z.input<typeof OrderRefund> => ({
  id,
  amount: { amount, currency },
  status,
  createdAt: created_at.toISOString(),
  updatedAt: changed_at.toISOString(),
});
