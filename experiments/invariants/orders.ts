import type { State } from '@bulkhead/app/order/src/saga/states';
import type { ShopView } from './shop-view';

export interface TimelineEntry {
  readonly sequence: number;
  readonly state: State;
  readonly reason: string | null;
  /** ms since 1970 */
  readonly at: number;
}

/** An order with its whole timeline. */
export interface AuditedOrder {
  readonly id: string;
  readonly userId: string;
  readonly state: State;
  readonly version: number;
  /** Minor units. */
  readonly total: number;
  readonly currency: string;
  /** ms since 1970 */
  readonly createdAt: number;
  readonly timeline: readonly TimelineEntry[];
}

export const readOrders = (shop: ShopView): Promise<AuditedOrder[]> =>
  shop.ask<AuditedOrder>(
    'order',
    `select id, user_id as "userId", state, version, total_amount as total, currency,
      extract(epoch from created_at)::float8 * 1000 as "createdAt",
      coalesce(timeline, '[]') as timeline
    from orders left join (
      select order_id, jsonb_agg(jsonb_build_object('sequence', sequence, 'state', state, 'reason', reason,
        'at', extract(epoch from at)::float8 * 1000) order by sequence) as timeline
      from order_transition group by order_id
    ) told on told.order_id = orders.id
    order by id`,
  );

/** Timeline states that are an end that the buyer is told of. */
export const endings = ['confirmed', 'rejected', 'cancelled', 'expired', 'refunded'] as const;
export type EndingState = (typeof endings)[number];

/** The entries of the timeline that are an end, in their order. */
export const endingsOf = ({ timeline }: AuditedOrder): (TimelineEntry & { readonly state: EndingState })[] =>
  timeline.filter((entry): entry is TimelineEntry & { readonly state: EndingState } =>
    (endings as readonly State[]).includes(entry.state),
  );
